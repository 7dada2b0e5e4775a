import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import type { JobContext, JobHandler } from '../events/jobs.js'
import type { Job, Journal, Tx } from '../events/ports.js'
import type { LongTerm } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import type { FileSource, WearablePlugin } from '../plugin/types.js'
import { failpoint } from '../testing/failpoints.js'
import { waitForRoom, waitStored } from './backlog.js'
import { commitObservations, receiveOnce } from './deliver.js'
import { readAhead, readPages } from './read-ahead.js'
import {
  checkExport,
  isOwnExport,
  OWN_EXPORT,
  type RestoreCursor,
  RestoreOptions,
  type RestorePorts,
  restoreSteps,
} from './restore.js'
import { asideOf, Covered, countMissing, MissingKind, Spans, widen } from './snapshot.js'
import type { ZonesOf } from './zones.js'

/** Kind of the job that imports a file. */
export const IMPORT_JOB = 'import'
const HASH_BYTES = 4 * 1024 * 1024
const HEAD_BYTES = 64 * 1024

/** What an import job holds. */
export const ImportPayload = z.object({
  blob: z.string(),
  name: z.string(),
  plugin: z.string(),
  /** Bytes that the upload was announced with. */
  size: z.number().optional(),
  /** What the person said of the file, for plugins that ask. */
  options: z.unknown().optional(),
})
export type ImportPayload = z.infer<typeof ImportPayload>

/** Where an import stands; kept with each step, in the step's transaction. */
export const ImportProgress = z.object({
  stage: z.enum(['uploading', 'checking', 'importing', 'done']).default('uploading'),
  plugin: z.string().optional(),
  sha256: z.string().optional(),
  rawRef: z.string().optional(),
  receivedAt: z.number().optional(),
  cursor: z.unknown().optional(),
  step: z.number().default(0),
  bytes: z.number().default(0),
  total: z.number().nullable().default(null),
  observations: z.number().default(0),
  rejected: z.number().default(0),
  reasons: z.record(z.string(), z.number()).default({}),
  duplicate: z.boolean().default(false),
  spans: Spans.default({}),
  /** Where the document was a complete snapshot: what it covers. */
  complete: Covered.optional(),
  /** What it lacks of what earlier ones held. */
  missing: z.array(MissingKind).default([]),
})
export type ImportProgress = z.infer<typeof ImportProgress>

/** What imports stand on. */
export interface ImportPorts {
  journal: Journal
  registry: MetricRegistry
  wearables: readonly WearablePlugin[]
  now(): Instant
  longTerm: Pick<LongTerm, 'identities'>
  zonesOf: ZonesOf
  wake(): void
  /** What an export of AUREN itself is brought back into; absent: none is. */
  own?: RestorePorts | undefined
}

/** @throws AurenError AUREN_INPUT_INVALID where a plugin does not ask for options, or asks for others */
export function checkOptions(wearables: readonly WearablePlugin[], plugin: string | undefined, options: unknown): void {
  if (options === undefined) return
  const schema = plugin === OWN_EXPORT ? RestoreOptions : wearables.find(({ id }) => id === plugin)?.file?.options
  if (!schema)
    throw new AurenError('AUREN_INPUT_INVALID', `Files of ${plugin ?? 'an unnamed plugin'} are read without options.`)
  const parsed = schema.safeParse(options)
  if (parsed.success) return
  const issues = parsed.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message }))
  const said = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' ')
  throw new AurenError('AUREN_INPUT_INVALID', `What was said of the file is not right. ${said}`, { issues })
}

/** The plugin that reads a file: the one named, or the one that recognises it. @throws AurenError AUREN_INPUT_INVALID, AUREN_PLUGIN_UNKNOWN */
async function readerOf(
  ports: ImportPorts,
  name: string,
  file: FileSource,
): Promise<WearablePlugin & { file: NonNullable<WearablePlugin['file']> }> {
  const readers = ports.wearables.filter(
    (plugin): plugin is WearablePlugin & { file: NonNullable<WearablePlugin['file']> } => plugin.file !== undefined,
  )
  const known = readers.map((plugin) => plugin.id).join(', ') || 'none'
  const head = await file.read(0, Math.min(HEAD_BYTES, file.size))
  if (name !== 'auto') {
    const named = readers.find((plugin) => plugin.id === name)
    if (!named) throw new AurenError('AUREN_PLUGIN_UNKNOWN', `No plugin "${name}" reads files. These do: ${known}.`)
    if (!(await named.file.recognises(file.name, head, file, true))) {
      throw new AurenError(
        'AUREN_INPUT_INVALID',
        `This does not look like an export of ${name}. Is it the right file?`,
        { plugin: name },
      )
    }
    return named
  }
  // Who must be told how to read a file would take anybody's.
  const inTurn = [...readers].sort(
    (a, b) => Number(a.file.options !== undefined) - Number(b.file.options !== undefined),
  )
  for (const plugin of inTurn) if (await plugin.file.recognises(file.name, head, file)) return plugin
  throw new AurenError('AUREN_INPUT_INVALID', `The file was not recognised. Exports that can be read: ${known}.`)
}

/** Imports a blob step by step; each step's rows and where to go on are one transaction, so a crash loses at most a step. */
export function createImport(ports: ImportPorts): JobHandler {
  const { journal, now } = ports

  const fileOf = async (user: UserId, payload: ImportPayload): Promise<FileSource & { sha256: string | null }> => {
    const info = await journal.transaction((tx) => journal.blobs.info(tx, payload.blob))
    if (!info || info.user !== user) throw new AurenError('AUREN_NOT_FOUND', 'The uploaded file is gone.')
    if (info.size === 0) throw new AurenError('AUREN_INPUT_INVALID', 'The file is empty.')
    return {
      name: payload.name,
      size: info.size,
      sha256: info.sha256,
      read: readPages(info.size, (offset, length) =>
        journal.transaction((tx) => journal.blobs.read(tx, payload.blob, offset, length), { lane: 'bulk' }),
      ),
    }
  }

  const hashOf = async (file: FileSource, signal: AbortSignal): Promise<string> => {
    const hash = createHash('sha256')
    for (let offset = 0; offset < file.size; offset += HASH_BYTES) {
      signal.throwIfAborted()
      hash.update(await file.read(offset, HASH_BYTES))
    }
    return hash.digest('hex')
  }

  /** The file's place in the inbox: the same bytes of the same person are the same delivery. */
  const receive = async (
    tx: Tx,
    job: Job,
    user: UserId,
    payload: ImportPayload,
    plugin: string,
    sha256: string,
  ): Promise<ImportProgress> => {
    const at = now()
    // Read another way, it is another delivery.
    const said =
      payload.options === undefined ? [] : [createHash('sha256').update(JSON.stringify(payload.options)).digest('hex')]
    const receipt = await receiveOnce(
      journal,
      tx,
      {
        provider: plugin,
        deliveryKey: `file:${JSON.stringify([user, sha256, ...said])}`,
        user,
        account: user,
        blob: payload.blob,
      },
      at,
    )
    await journal.blobs.seal(tx, payload.blob, sha256)
    const before = receipt.duplicate
      ? (await journal.listJobs(tx, { user, kind: IMPORT_JOB, limit: 1000 })).find(
          (held) =>
            held.id !== job.id &&
            held.state === 'done' &&
            ImportProgress.parse(held.progress).sha256 === sha256 &&
            JSON.stringify(ImportPayload.parse(held.payload).options) === JSON.stringify(payload.options),
        )
      : undefined
    const duplicate = before !== undefined
    return ImportProgress.parse({
      ...job.progress,
      stage: duplicate ? 'done' : 'importing',
      plugin,
      sha256,
      rawRef: receipt.id,
      receivedAt: receipt.receivedAt,
      duplicate,
    })
  }

  /**
   * What the earlier snapshots of the person held in what this one covers, and this one lacks. An older snapshot that
   * comes later lacks what has come since, and says nothing.
   */
  const missingOf = async (job: Job, user: UserId, progress: ImportProgress, signal: AbortSignal) => {
    const { plugin: provider = '', receivedAt = 0, rawRef = '', spans, complete } = progress
    if (!complete) return {}
    const jobs = await journal.transaction((tx) => journal.listJobs(tx, { user, kind: IMPORT_JOB, limit: 1000 }))
    const others = jobs
      .filter(({ id }) => id !== job.id)
      .map((held) => ImportProgress.parse(held.progress))
      .filter((held) => held.plugin === provider && held.rawRef !== undefined && held.rawRef !== rawRef)
    const { to } = complete
    if (others.length === 0 || others.some((held) => to !== undefined && (held.complete?.to ?? to) > to)) return {}
    await waitStored(ports, user, rawRef, signal)
    const aside = await asideOf(journal, user, rawRef)
    if (!aside) return {}
    const snapshot = { user, provider, rawRef, receivedAt, spans, covered: complete, aside }
    return { missing: await countMissing(ports.longTerm, snapshot, signal) }
  }

  /** An export of AUREN itself: each step's lines and where to go on are one transaction. */
  const bringBack = async (
    own: RestorePorts,
    job: Job,
    ctx: JobContext,
    user: UserId,
    payload: ImportPayload,
    before: ImportProgress,
    file: FileSource,
  ): Promise<ImportProgress> => {
    const head = await checkExport(file, user, payload.options)
    let progress = before
    if (progress.rawRef === undefined) {
      await ctx.save({ ...progress, stage: 'checking', total: file.size })
      const sha256 = await hashOf(file, ctx.signal)
      progress = await ctx.step((tx) => receive(tx, job, user, payload, OWN_EXPORT, sha256))
      if (progress.duplicate) return progress
    }
    const { rawRef = '', receivedAt = 0 } = progress
    const cursor = (progress.cursor ?? null) as RestoreCursor | null
    for await (const step of restoreSteps(own, file, head, { user, rawRef, receivedAt }, cursor, ctx.signal)) {
      if (ctx.signal.aborted) throw new AurenError('AUREN_ABORTED', 'The import was stopped.')
      progress = await ctx.step(async (tx) => {
        await step.write(tx)
        failpoint('import:step-before-commit')
        const reasons = { ...progress.reasons }
        for (const { reason } of step.aside) reasons[reason] = (reasons[reason] ?? 0) + 1
        return {
          ...progress,
          cursor: step.cursor,
          step: progress.step + 1,
          bytes: step.bytes,
          total: file.size,
          observations: progress.observations + step.observations,
          rejected: progress.rejected + step.aside.length,
          reasons,
        }
      })
      failpoint('import:step-after-commit')
    }
    await own.hot.wipe(user)
    const { cursor: _cursor, ...rest } = progress
    return { ...rest, stage: 'done', bytes: file.size }
  }

  return async (job, ctx) => {
    const { signal, save } = ctx
    const payload = ImportPayload.parse(job.payload)
    const { user } = job
    if (user === null) throw new AurenError('AUREN_INTERNAL', 'An import belongs to somebody.')
    let progress = ImportProgress.parse(job.progress)
    const file = await fileOf(user, payload)
    if (ports.own && (payload.plugin === OWN_EXPORT || (payload.plugin === 'auto' && (await isOwnExport(file)))))
      return bringBack(ports.own, job, ctx, user, payload, progress, file)
    const plugin = await readerOf(ports, progress.plugin ?? payload.plugin, file)
    if (progress.rawRef === undefined) {
      await save({ ...progress, stage: 'checking', total: file.size })
      const sha256 = file.sha256 ?? (await hashOf(file, signal))
      // As a step: where the person has been erased meanwhile, the job is gone, and nothing of them may begin anew.
      progress = await ctx.step((tx) => receive(tx, job, user, payload, plugin.id, sha256))
      if (progress.duplicate) return progress
    }
    const { rawRef, receivedAt } = progress
    if (rawRef === undefined || receivedAt === undefined)
      throw new AurenError('AUREN_INTERNAL', 'The import has lost its delivery.')
    const steps = plugin.file.read(file, {
      account: user,
      cursor: progress.cursor ?? null,
      signal,
      receivedAt,
      zoneAt: await ports.zonesOf(user),
      ...(payload.options === undefined ? {} : { options: payload.options }),
    })
    for await (const step of readAhead(steps)) {
      if (signal.aborted) throw new AurenError('AUREN_ABORTED', 'The import was stopped.')
      await waitForRoom(ports, signal)
      // Named after the job too: an import that was cancelled and begun anew may still have envelopes waiting.
      const origin = {
        user,
        provider: plugin.id,
        account: user,
        receivedAt,
        rawRef,
        step: `${job.id}/${progress.step}`,
      }
      progress = await ctx.step(async (tx) => {
        const done = await commitObservations(
          journal,
          tx,
          origin,
          step.observations,
          step.rejected,
          ports.registry,
          job.id,
        )
        const reasons = { ...progress.reasons }
        for (const [reason, count] of Object.entries(done.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count
        const spans = structuredClone(progress.spans)
        widen(spans, done.observations)
        failpoint('import:step-before-commit')
        return {
          ...progress,
          cursor: step.cursor,
          step: progress.step + 1,
          bytes: step.progress.bytes,
          total: step.progress.total,
          observations: progress.observations + done.accepted,
          rejected: progress.rejected + done.quarantined,
          reasons,
          spans,
          ...(step.complete ? { complete: step.complete } : {}),
        }
      })
      failpoint('import:step-after-commit')
      ports.wake()
    }
    await journal.transaction(async (tx) => journal.ordinals?.drop(tx, job.id))
    const { cursor: _cursor, ...rest } = { ...progress, ...(await missingOf(job, user, progress, signal)) }
    return { ...rest, stage: 'done', bytes: progress.total ?? progress.bytes }
  }
}
