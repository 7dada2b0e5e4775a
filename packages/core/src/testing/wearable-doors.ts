import assert from 'node:assert/strict'
import { isAurenError } from '../errors.js'
import { accept } from '../ingest/accept.js'
import type { Observation, ObservationInput } from '../observation/schema.js'
import type { FileContext, FileSource, PullContext, WearablePlugin } from '../plugin/types.js'
import type { ArchiveSample, PullWorld } from './wearable-kit.js'
import { normalizeAlone } from './wearable-run.js'

const DAY = 86_400_000
const receivedAt = Date.UTC(2027, 5, 1)

/** Every published document becomes something, is set aside with a reason, or is refused as none of the vendor's data. */
export function provePublished(
  plugin: WearablePlugin,
  published: readonly { name: string; document: unknown }[],
): { read: number; refused: number } {
  let read = 0
  let refused = 0
  for (const { name, document } of published) {
    const payloads = payloadsOf(plugin, document, name)
    let said = 0
    for (const payload of payloads ?? []) {
      const made = normalizeAlone(plugin, payload, { receivedAt, account: 'account', zone: 'Europe/Berlin' })
      assert.ok(made, `${name}: its own payload does not fit the plugin's schema`)
      said += made.yielded.length + made.rejected.length
    }
    if (said > 0) read++
    else refused++
  }
  return { read, refused }
}

function payloadsOf(plugin: WearablePlugin, document: unknown, name: string): unknown[] | null {
  if (plugin.payload.safeParse(document).success) return [document]
  const documents = plugin.documents?.(document, name)
  if (documents) return documents
  try {
    const plans = plugin.webhook?.plan(document, { receivedAt }) ?? []
    return plans.flatMap(({ payload }) => (payload === undefined ? [] : [payload]))
  } catch (error) {
    assert.ok(isAurenError(error), `${name}: refused with ${error}, which is no AurenError`)
    return null
  }
}

/** An export is recognised, read the same in one go and with a stop after each step, and cut off anywhere it does no harm. */
export async function proveArchive(plugin: WearablePlugin, archive: ArchiveSample): Promise<number> {
  const { file } = plugin
  assert.ok(file, `${plugin.id} reads no exports`)
  const { name, bytes } = archive
  const source = sourceOf(name, bytes)
  assert.ok(await file.recognises(name, bytes.subarray(0, 65_536), source), `${name} is not recognised`)
  const other = new TextEncoder().encode('{"an":"export","of":"nobody"}')
  assert.equal(
    await file.recognises('other.json', other, sourceOf('other.json', other)),
    false,
    'anything is recognised',
  )
  const whole = await read(plugin, source, archive)
  assert.ok(whole.accepted.length > 0, `${name}: nothing was read`)
  for (const wanted of archive.expect ?? [])
    assert.ok(
      whole.accepted.some((one) =>
        Object.entries(wanted).every(
          ([key, value]) => JSON.stringify((one as Record<string, unknown>)[key]) === JSON.stringify(value),
        ),
      ),
      `${name}: ${JSON.stringify(wanted)} is not there`,
    )
  assert.deepEqual((await read(plugin, source, archive)).accepted, whole.accepted, 'read again')
  assert.deepEqual((await read(plugin, source, archive, true)).accepted, whole.accepted, 'gone on with after each step')
  for (const share of [0.25, 0.5, 0.9, 0.99]) {
    const cut = bytes.subarray(0, Math.floor(bytes.length * share))
    // Fewer observations, or an error that says so: never one of another kind.
    await read(plugin, sourceOf(name, cut), archive).catch((error: unknown) =>
      assert.ok(isAurenError(error), `${name} cut off at ${share}: ${error}`),
    )
  }
  return whole.accepted.length
}

function sourceOf(name: string, bytes: Uint8Array): FileSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => Uint8Array.from(bytes.subarray(offset, offset + length)),
  }
}

async function read(
  plugin: WearablePlugin,
  file: FileSource,
  { zone = 'Europe/Berlin', options }: ArchiveSample,
  stopping = false,
): Promise<{ accepted: Observation[] }> {
  const { signal } = new AbortController()
  const yielded: ObservationInput[] = []
  let cursor: unknown = null
  for (let goesOn = true; goesOn; ) {
    goesOn = false
    const ctx: FileContext = { account: 'account', cursor, signal, receivedAt, zoneAt: () => zone }
    const said = options === undefined ? ctx : { ...ctx, options }
    for await (const step of plugin.file?.read(file, said) ?? []) {
      yielded.push(...step.observations)
      cursor = JSON.parse(JSON.stringify(step.cursor))
      for (const { reason, detail } of step.rejected)
        assert.ok(reason.length > 0 && detail.length > 0, 'something is set aside without a reason')
      goesOn = stopping
      if (stopping) break
    }
  }
  const { accepted } = accept(yielded, {
    provider: plugin.id,
    account: 'account',
    receivedAt,
    registry: plugin.metrics ?? {},
  })
  return { accepted }
}

/** A first pull reads all there is, a second one goes on from its state, and a vendor that is asked too often is heard. */
export async function provePull(
  open: () => Promise<PullWorld>,
): Promise<{ pages: number; observations: number; backfillDays: number }> {
  const world = await open()
  try {
    const { plugin, account, secret, now, fetch } = world
    const { pull } = plugin
    assert.ok(pull, `${plugin.id} has no pull`)
    const { signal } = new AbortController()
    const run = async (state: Record<string, unknown>, at: number) => {
      const ctx: PullContext = {
        account,
        fetch,
        now: at,
        state,
        signal,
        ...(secret === undefined ? {} : { secret }),
      }
      let after = state
      let pages = 0
      const found: Observation[] = []
      for await (const page of pull.all(ctx)) {
        pages++
        if (page.state) after = JSON.parse(JSON.stringify(page.state)) as Record<string, unknown>
        const payload: unknown = JSON.parse(JSON.stringify(page.payload))
        const made = normalizeAlone(plugin, payload, { receivedAt: at, account, zone: 'Europe/Berlin' })
        assert.ok(made, 'a pulled page does not fit the plugin’s own schema')
        found.push(...made.accepted)
      }
      return { state: after, pages, found }
    }
    const first = await run({}, now)
    assert.ok(first.pages > 0, 'the first pull did nothing')
    if (!world.onlyAsks) assert.ok(first.found.length > 0, 'the first pull brought nothing')
    const asked = world.earliest?.() ?? now
    const second = await run(first.state, now + (world.onlyAsks ? 40 : 1) * DAY)
    assert.ok(second.found.length <= first.found.length, 'the second pull brought more than the first')
    if (world.limit) {
      world.limit()
      const thrown: unknown = await run(second.state, now + (world.onlyAsks ? 80 : 2) * DAY).then(
        () => null,
        (error: unknown) => error,
      )
      assert.ok(isAurenError(thrown) && thrown.retryable, `a limit must be told as one that passes, not ${thrown}`)
      assert.equal(thrown.code, 'AUREN_VENDOR_LIMIT')
    }
    const earliest = Math.min(
      asked,
      ...first.found.map((one) =>
        one.shape === 'daily_total' ? Date.parse(one.date) : 'start' in one ? one.start : now,
      ),
    )
    return {
      pages: first.pages,
      observations: first.found.length,
      backfillDays: Math.max(0, Math.floor((now - earliest) / DAY)),
    }
  } finally {
    await world.close()
  }
}
