// The JSON fixtures that ship with the wearables, again and again through their plugins and the checks: how fast, against
// only parsing the same bytes. Nothing is stored. Plugins that read only other files (CSV) are left out.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { accept, type ObservationInput, type WearablePlugin } from '../packages/core/src/index.js'
import { readers } from '../packages/server/src/wearables.js'
import { quantile, type Report } from './report.js'

const fixtures = resolve(import.meta.dirname, '..', 'packages', 'plugins', 'fixtures')
/** How long one measurement of one vendor takes, in ms. */
const SLICE_MS = 250
const receivedAt = Date.UTC(2026, 5, 1)

interface Sample {
  bytes: number
  /** Parses, and nothing else. */
  parse(): void
  /** Observations in the catalogue's units, as they would be stored. */
  read(): Promise<number>
}

/** Payloads per second through each wearable's `normalize` and the checks; `rounds` slices each, interleaved. */
export async function measureNormalize(options: Record<string, string | undefined>): Promise<Report> {
  const rounds = Number(options.rounds ?? 5)
  const samples = readers().flatMap((plugin) => {
    const found = samplesOf(plugin)
    return found.length > 0 ? [{ id: plugin.id, found }] : []
  })
  const took = new Map(samples.map(({ id }) => [id, { ours: [] as number[], bare: [] as number[], made: 0, bytes: 0 }]))
  for (let round = 0; round < rounds; round++) {
    for (const { id, found } of samples) {
      const held = took.get(id)
      if (!held) continue
      held.bytes = found.reduce((sum, { bytes }) => sum + bytes, 0)
      held.bare.push(
        await pass(async () => {
          for (const sample of found) sample.parse()
        }),
      )
      held.ours.push(
        await pass(async () => {
          held.made = 0
          for (const sample of found) held.made += await sample.read()
        }),
      )
    }
  }
  const rows = [...took].map(([id, { ours, bare, made, bytes }]) => {
    const [seconds, parsed] = [quantile(ours, 0.5), quantile(bare, 0.5)]
    return { id, seconds, parsed, made, bytes }
  })
  return {
    bench: 'normalize',
    options: { rounds, vendors: rows.length },
    figures: rows.flatMap(({ id, seconds, made, bytes }) => [
      { name: `${id}, observations`, value: made / seconds, unit: '/s' },
      { name: `${id}, bytes`, value: bytes / 1e6 / seconds, unit: 'MB/s' },
    ]),
    ratios: rows.map(({ id, seconds, parsed }) => ({
      name: `${id}, time`,
      ours: seconds * 1e6,
      baseline: parsed * 1e6,
      unit: 'µs',
      of: 'parsing the same bytes',
    })),
  }
}

/** Seconds of one go, over as many as fit into a slice. */
async function pass(go: () => Promise<void>): Promise<number> {
  await go()
  const from = performance.now()
  let times = 0
  for (; performance.now() - from < SLICE_MS; times++) await go()
  return (performance.now() - from) / 1000 / times
}

/** Every fixture of a plugin that holds payloads: what a webhook or a pull hands to it. */
function samplesOf(plugin: WearablePlugin): Sample[] {
  const folder = join(fixtures, plugin.id)
  return filesOf(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    const document = JSON.parse(text) as unknown
    const parsed = plugin.payload.safeParse(document)
    const payloads = parsed.success ? [parsed.data] : plugin.documents?.(document, name)
    if (!payloads || payloads.length === 0) return []
    return [
      {
        bytes: Buffer.byteLength(text),
        parse: () => void JSON.parse(text),
        async read() {
          const fresh = JSON.parse(text) as unknown
          const again = parsed.success ? [plugin.payload.parse(fresh)] : (plugin.documents?.(fresh, name) ?? [])
          return again.reduce<number>((sum, payload) => sum + stored(plugin, payload), 0)
        },
      },
    ]
  })
}

function stored(plugin: WearablePlugin, payload: unknown): number {
  const observations: ObservationInput[] = [
    ...plugin.normalize(payload as never, {
      receivedAt,
      account: 'me',
      zoneAt: () => 'Europe/Berlin',
      reject: () => undefined,
    }),
  ]
  const { accepted } = accept(observations, {
    provider: plugin.id,
    account: 'me',
    receivedAt,
    registry: plugin.metrics ?? {},
  })
  return accepted.length
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => extname(name) === '.json' && !name.startsWith('expected'))
  } catch {
    return []
  }
}
