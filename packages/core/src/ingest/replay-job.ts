import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import type { JobHandler } from '../events/jobs.js'
import type { Journal } from '../events/ports.js'
import type { KnownIdentity, LongTerm } from '../memory/ports.js'
import { shadowOf } from '../memory/shadow.js'
import { createCalendar } from '../observation/local-day.js'
import { type Instant, LocalDate, type UserId } from '../observation/schema.js'
import type { WearablePlugin } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import { type Amendment, commitAmendments } from './amend.js'
import { waitForRoom } from './backlog.js'
import { receiveOnce } from './deliver.js'
import { IMPORT_JOB, ImportPayload, ImportProgress } from './import-job.js'
import { type Difference, differenceOf, type Grounds, joined, overRecords } from './replay-diff.js'
import { MOST_UNREAD, REPLAY_KEY, Reading, type ReadPorts, readDeliveries } from './replay-read.js'
import { dateOf, ReplayReport, tally } from './replay-report.js'
import { WITHDRAWAL_KEY, withdrawalTimes } from './withdrawal.js'
import type { ZonesOf } from './zones.js'

/** Kind of the job that reads kept deliveries anew. */
export const REPLAY_JOB = 'replay'
/** Deliveries listed at once, amendments of one commit, and identities after which progress is noted. */
const PAGE = 200
const AT_ONCE = 500
const NOTED_EVERY = 20_000
/** How often reading may begin again because something came in between. */
const MOST_ROUNDS = 3

/** What a replay job holds. */
export const ReplayPayload = z.object({
  provider: z.string(),
  account: z.string().optional(),
  from: LocalDate.optional(),
  to: LocalDate.optional(),
  dryRun: z.boolean(),
})
export type ReplayPayload = z.infer<typeof ReplayPayload>

/** Where a replay stands. */
export const ReplayProgress = z.object({
  stage: z.enum(['waiting', 'reading', 'comparing', 'done']).default('waiting'),
  /** What was received until then is read. */
  begun: z.number().optional(),
  rounds: z.number().default(0),
  reading: Reading.default(Reading.parse({})),
  receipt: z.string().optional(),
  place: z.array(z.union([z.string(), z.number()])).optional(),
  step: z.number().default(0),
  report: ReplayReport.default(ReplayReport.parse({})),
})
export type ReplayProgress = z.infer<typeof ReplayProgress>

/** What a replay stands on. */
export interface ReplayJobPorts {
  journal: Journal
  longTerm: LongTerm
  registry: MetricRegistry
  wearable(id: string): WearablePlugin
  now(): Instant
  zonesOf: ZonesOf
  /** Resolves when everything accepted so far is stored. */
  stored(signal: AbortSignal): Promise<void>
  wake(): void
}

/**
 * Reads what was kept of a provider with the normalizer as it is now, under the name of the person's shadow, by the rules
 * by which it would be stored; holds that against what the person has; and tells the differences, or makes them: as
 * revisions that are known since the replay, so that what was known before can be read as of then. Every step and the
 * place that was reached are one transaction.
 */
export function createReplay(ports: ReplayJobPorts): JobHandler {
  const { journal, longTerm, now } = ports
  return async (job, ctx) => {
    const { user } = job
    if (user === null) throw new AurenError('AUREN_INTERNAL', 'A replay belongs to somebody.')
    const what = ReplayPayload.parse(job.payload)
    const plugin = ports.wearable(what.provider)
    let progress = ReplayProgress.parse(job.progress)
    const note = async (next: ReplayProgress): Promise<void> => {
      progress = next
      await ctx.save(next)
    }
    if (progress.begun === undefined) {
      await clear(ports, user)
      await note({ ...progress, stage: 'reading', begun: now() })
    }
    const { begun = 0 } = progress
    const zoneAt = await ports.zonesOf(user)
    const imported = await importedFiles(journal, user)
    const reader: ReadPorts = {
      ...ports,
      plugin,
      user,
      zoneAt,
      imported,
      ...(what.dryRun ? {} : { quarantine: { now } }),
    }

    while (progress.stage === 'reading') {
      for (;;) {
        ctx.signal.throwIfAborted()
        const page = await listed(journal, user, what, begun, progress.reading.after, PAGE)
        if (page.length === 0) break
        await readDeliveries(reader, page, progress.reading, ctx.signal, async (work) => {
          progress = await ctx.step(async (tx) => ({ ...progress, reading: await work(tx) }))
          return progress.reading
        })
        if (progress.reading.unread.length >= MOST_UNREAD)
          throw new AurenError(
            'AUREN_CONFLICT',
            `More than ${MOST_UNREAD} kept deliveries of ${plugin.id} cannot be read any more. Nothing was changed.`,
            { plugin: plugin.id, retryable: false },
          )
      }
      // A long transaction may have committed behind the place that was reached.
      const total = await count(journal, user, what, begun, ctx.signal)
      if (total === progress.reading.deliveries)
        await note({ ...progress, stage: 'comparing', reading: { ...progress.reading, total } })
      else if (progress.rounds >= MOST_ROUNDS)
        throw new AurenError('AUREN_CONFLICT', 'Deliveries keep coming in between. Try again later.', {
          plugin: plugin.id,
          retryable: true,
        })
      else await note({ ...progress, rounds: progress.rounds + 1, reading: Reading.parse({ total }) })
    }

    await ports.stored(ctx.signal)
    if (!what.dryRun && progress.receipt === undefined) {
      const body = new TextEncoder().encode(
        JSON.stringify({ replay: job.id, plugin: plugin.id, version: plugin.version }),
      )
      const delivery = { provider: plugin.id, deliveryKey: `${REPLAY_KEY}${job.id}`, user, account: user, body }
      const { id } = await journal.transaction((tx) => receiveOnce(journal, tx, delivery, begun + 1))
      await note({ ...progress, receipt: id })
    }
    await compare()
    await clear(ports, user)
    const { place: _place, ...rest } = progress
    return { ...rest, stage: 'done' }

    async function compare(): Promise<void> {
      const owner = user as UserId
      const { zones } = await longTerm.profile({ user: owner, purpose: 'operate' })
      const calendar = createCalendar(zones)
      const { receipt = '' } = progress
      const q = {
        provider: what.provider,
        all: true,
        ...(what.account === undefined ? {} : { account: what.account }),
        ...(progress.place ? { after: progress.place } : {}),
      }
      const grounds: Grounds = {
        until: begun,
        withdrawnAt: (await withdrawalTimes(journal, owner)).withdrawn,
        unreadAt: new Set(progress.reading.unread.map(({ receivedAt }) => receivedAt)),
        rawOf: rawKinds(journal, what.provider, begun, new Set(progress.reading.unread.map(({ id }) => id))),
      }
      const scope = (of: UserId) => ({ user: of, purpose: 'operate' }) as const
      const report = structuredClone(progress.report)
      let changes: { difference: Difference; date: LocalDate; amendment: Amendment }[] = []
      let since = 0
      let place: KnownIdentity['place'] | undefined = progress.place
      const commit = async (): Promise<void> => {
        const over = await overRecords(
          changes.map(({ amendment }) => amendment),
          begun,
          (account, ids) => longTerm.records(scope(owner), { provider: what.provider, account, ids }),
        )
        for (const [i, { difference, date }] of changes.entries())
          tally(report, over[i] ? difference : { ...difference, change: 'kept' }, date)
        const held = what.dryRun ? [] : over.filter((one) => one !== null)
        changes = []
        since = 0
        if (held.length > 0) await waitForRoom(ports, ctx.signal)
        progress = await ctx.step(async (tx) => {
          const step = `${job.id}/${progress.step}`
          if (held.length > 0) {
            const origin = { user: owner, provider: what.provider, receivedAt: begun + 1, receipt, step }
            await commitAmendments(journal, tx, origin, held)
          }
          failpoint('replay:before-commit')
          return {
            ...progress,
            ...(place ? { place: [...place] } : {}),
            step: progress.step + 1,
            report: structuredClone(report),
          }
        })
        failpoint('replay:after-commit')
        if (held.length > 0) ports.wake()
      }
      const pairs = joined(longTerm.identities(scope(owner), q), longTerm.identities(scope(shadowOf(owner)), q))
      for await (const [real, shadow] of pairs) {
        ctx.signal.throwIfAborted()
        const difference = await differenceOf(real, shadow, grounds)
        place = ((real ?? shadow) as NonNullable<typeof real>).place
        since++
        if (difference) {
          const date = dateOf(
            calendar,
            (difference.before ?? difference.after) as NonNullable<typeof difference.before>,
          )
          const chosen = (what.from === undefined || date >= what.from) && (what.to === undefined || date <= what.to)
          if (chosen) {
            const { amendment } = difference
            if (amendment)
              changes.push({ difference, date, amendment: { ...amendment, rawRef: amendment.rawRef || receipt } })
            else tally(report, difference, date)
          }
        }
        if (changes.length >= AT_ONCE || since >= NOTED_EVERY) await commit()
      }
      await commit()
    }
  }
}

/**
 * Deliveries of files that were imported to their end, with what their person said of them; of one that was stopped, the
 * rest is not wanted.
 */
async function importedFiles(journal: Journal, user: UserId): Promise<Map<string, unknown>> {
  const jobs = await journal.transaction((tx) => journal.listJobs(tx, { user, kind: IMPORT_JOB, limit: 10_000 }))
  const done = jobs.filter(({ state }) => state === 'done')
  return new Map(
    done.flatMap(({ payload, progress }) => {
      const { rawRef } = ImportProgress.parse(progress)
      return rawRef === undefined ? [] : [[rawRef, ImportPayload.parse(payload).options] as const]
    }),
  )
}

/** Empties the shadow of a person. */
export async function clear(
  { journal, longTerm }: Pick<ReplayJobPorts, 'journal' | 'longTerm'>,
  user: UserId,
): Promise<void> {
  await journal.transaction(
    async (tx) => {
      await journal.lockPersons(tx, [shadowOf(user)])
      await longTerm.erase(tx, shadowOf(user))
    },
    { lane: 'bulk' },
  )
}

function listed(
  journal: Journal,
  user: UserId,
  { provider, account }: ReplayPayload,
  until: Instant,
  after: Reading['after'],
  limit: number,
) {
  return journal.transaction((tx) =>
    journal.deliveries(tx, {
      user,
      provider,
      until,
      limit,
      ...(account === undefined ? {} : { account }),
      ...(after ? { after } : {}),
    }),
  )
}

async function count(
  journal: Journal,
  user: UserId,
  what: ReplayPayload,
  until: Instant,
  signal: AbortSignal,
): Promise<number> {
  let total = 0
  for (let after: Reading['after']; ; ) {
    signal.throwIfAborted()
    const page = await listed(journal, user, what, until, after, 1000)
    total += page.length
    after = page.at(-1)
    if (page.length < 1000) return total
  }
}

/** Most raw deliveries of which it is remembered what they are. */
const MOST_KNOWN = 10_000

function rawKinds(journal: Journal, provider: string, until: Instant, unread: ReadonlySet<string>): Grounds['rawOf'] {
  const known = new Map<string, Awaited<ReturnType<Grounds['rawOf']>>>()
  return async (id) => {
    const before = known.get(id)
    if (before) return before
    const raw = unread.has(id) ? null : await journal.transaction((tx) => journal.raw(tx, id))
    const key = raw?.delivery.deliveryKey ?? ''
    const isOther = !raw || raw.delivery.provider !== provider || key.startsWith(WITHDRAWAL_KEY)
    const kind = isOther ? 'unread' : key.startsWith(REPLAY_KEY) ? 'replay' : raw.receivedAt > until ? 'unread' : 'read'
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(id, kind)
    return kind
  }
}
