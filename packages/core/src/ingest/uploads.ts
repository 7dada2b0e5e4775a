import type { z } from 'zod'
import { AurenError } from '../errors.js'
import type { Job, Journal, Tx } from '../events/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import type { ImportView, IngestDoor } from '../plugin/auren.js'
import type { WearablePlugin } from '../plugin/types.js'
import { checkOptions, IMPORT_JOB, ImportPayload, ImportProgress } from './import-job.js'
import { createUploadDigests } from './upload-digests.js'
import { snapshotOf, WITHDRAWAL_JOB, WithdrawalPayload } from './withdrawal.js'

/** An upload that nobody started waits here. */
const NEVER = 253_402_300_799_999
/** Most bytes of one file. */
const MOST_BYTES = 64 * 1024 ** 3

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** What uploads stand on. */
export interface UploadPorts {
  journal: Journal
  wearables: readonly WearablePlugin[]
  now(): Instant
  wake(): void
  cancel(job: string): void
}

/** Uploads in parts, and the imports that they become. An upload is a job that waits until it is complete. */
export function createUploads(ports: UploadPorts): Pick<IngestDoor, 'uploads' | 'imports'> {
  const { journal, now } = ports
  const digests = createUploadDigests()

  /** Somebody else's import is not there. */
  const own = async (tx: Tx, user: UserId, id: string): Promise<Job> => {
    const job = UUID.test(id) ? await journal.getJob(tx, id) : null
    if (!job || job.user !== user || job.kind !== IMPORT_JOB)
      throw new AurenError('AUREN_NOT_FOUND', `There is no import ${id}.`)
    return job
  }

  const withdrawalsOf = (tx: Tx, user: UserId): Promise<Job[]> =>
    journal.listJobs(tx, { user, kind: WITHDRAWAL_JOB, limit: 1000 })
  /** Withdrawals are asked for only where there can be any. */
  const viewed = async (tx: Tx, job: Job): Promise<ImportView> =>
    viewOf(job, job.user !== null && job.state === 'done' ? await withdrawalsOf(tx, job.user) : [])
  const withViews = (jobs: readonly Job[], withdrawals: readonly Job[]): ImportView[] =>
    jobs.map((job) => viewOf(job, withdrawals))

  const change = async (user: UserId, id: string, undo: boolean): Promise<ImportView> => {
    const view = await journal.transaction(async (tx) => {
      await journal.lockPersons(tx, [user])
      const job = await own(tx, user, id)
      snapshotOf(job, user)
      const { missing } = await viewed(tx, job)
      const may: readonly string[] = undo ? ['withdrawn'] : ['proposed', 'restored']
      if (!missing || !may.includes(missing.state))
        throw new AurenError(
          'AUREN_CONFLICT',
          undo
            ? 'Nothing that this import lacks has been withdrawn.'
            : 'There is nothing left that could be withdrawn.',
        )
      const n = (await withdrawalsOf(tx, user)).filter((held) => payloadOf(held).import === id).length
      await journal.addJob(tx, {
        kind: WITHDRAWAL_JOB,
        user,
        payload: { import: id, undo, n },
        key: `withdrawal/${id}/${n}`,
      })
      return viewed(tx, job)
    })
    ports.wake()
    return view
  }

  return {
    uploads: {
      async begin(user, info) {
        checkOptions(ports.wearables, info.plugin, info.options)
        if ((info.size ?? 0) > MOST_BYTES)
          throw new AurenError('AUREN_PAYLOAD_TOO_LARGE', `A file may have at most ${MOST_BYTES} bytes.`)
        return journal.transaction(async (tx) => {
          await journal.person(tx, user)
          const blob = await journal.blobs.create(tx, user, {
            name: info.name,
            ...(info.size === undefined ? {} : { size: info.size }),
          })
          const payload: ImportPayload = {
            blob,
            name: info.name,
            plugin: info.plugin ?? 'auto',
            ...(info.size === undefined ? {} : { size: info.size }),
            ...(info.options === undefined ? {} : { options: info.options }),
          }
          return { id: await journal.addJob(tx, { kind: IMPORT_JOB, user, payload, runAt: NEVER }) }
        })
      },

      async append(user, id, offset, bytes) {
        const { blob, at } = await journal.transaction(async (tx) => {
          const job = await own(tx, user, id)
          if (stateOf(job) !== 'uploading') throw new AurenError('AUREN_CONFLICT', 'This upload is complete already.')
          const { blob } = ImportPayload.parse(job.payload)
          if (offset + bytes.length > MOST_BYTES)
            throw new AurenError('AUREN_PAYLOAD_TOO_LARGE', `A file may have at most ${MOST_BYTES} bytes.`)
          return { blob, at: await journal.blobs.append(tx, blob, offset, bytes) }
        })
        // Once it is committed: what was undone is not in the file.
        digests.add(blob, bytes, at)
        return { size: at.size }
      },

      async start(user, id) {
        const view = await journal.transaction(async (tx) => {
          const job = await own(tx, user, id)
          if (stateOf(job) === 'uploading') {
            const { blob, size } = ImportPayload.parse(job.payload)
            const info = await journal.blobs.info(tx, blob)
            if (!info || info.size === 0) throw new AurenError('AUREN_INPUT_INVALID', 'Nothing has been uploaded yet.')
            // Half a file must not pass for a whole one.
            if (size !== undefined && info.size !== size)
              throw new AurenError(
                'AUREN_CONFLICT',
                `The upload has ${info.size} of ${size} bytes: send the rest, from offset ${info.size}.`,
              )
            const sha256 = digests.take(blob, info.size)
            if (sha256 !== null) await journal.blobs.seal(tx, blob, sha256)
            await journal.endJob(
              tx,
              id,
              {
                state: 'waiting',
                runAt: now(),
                progress: ImportProgress.parse({ stage: 'checking', total: info.size }),
              },
              now(),
            )
          }
          return viewOf(await own(tx, user, id), [])
        })
        ports.wake()
        return view
      },
    },

    imports: {
      list: (user) =>
        journal.transaction(async (tx) =>
          withViews(await journal.listJobs(tx, { user, kind: IMPORT_JOB, limit: 200 }), await withdrawalsOf(tx, user)),
        ),
      get: (user, id) =>
        journal.transaction(async (tx) => {
          const job = await own(tx, user, id)
          const view = await viewed(tx, job)
          if (view.state !== 'uploading') return view
          const info = await journal.blobs.info(tx, ImportPayload.parse(job.payload).blob)
          return { ...view, progress: { ...view.progress, bytes: info?.size ?? 0 } }
        }),
      async cancel(user, id) {
        await journal.transaction(async (tx) => {
          const job = await own(tx, user, id)
          if (job.state === 'waiting' || job.state === 'running')
            await journal.endJob(tx, id, { state: 'cancelled' }, now())
          await journal.ordinals?.drop(tx, id)
        })
        ports.cancel(id)
      },
      withdraw: (user, id) => change(user, id, false),
      restore: (user, id) => change(user, id, true),
    },
  }
}

function stateOf(job: Job): ImportView['state'] {
  return job.state === 'waiting' && job.runAt === NEVER ? 'uploading' : job.state
}

function payloadOf(job: Job): z.infer<typeof WithdrawalPayload> {
  return WithdrawalPayload.parse(job.payload)
}

/**
 * An import as its person sees it.
 * @param withdrawals of the person
 */
export function viewOf(job: Job, withdrawals: readonly Job[]): ImportView {
  const payload = ImportPayload.parse(job.payload)
  const progress = ImportProgress.parse(job.progress)
  return {
    id: job.id,
    plugin: progress.plugin ?? payload.plugin,
    name: payload.name,
    state: stateOf(job),
    duplicate: progress.duplicate,
    progress: {
      bytes: progress.bytes,
      total: progress.total,
      observations: progress.observations,
      rejected: progress.rejected,
    },
    rejected: Object.entries(progress.reasons)
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
    missing: missingOf(job.id, progress, withdrawals),
    error: job.error,
    startedAt: job.updatedAt,
  }
}

function missingOf(id: string, { missing: kinds }: ImportProgress, withdrawals: readonly Job[]): ImportView['missing'] {
  if (kinds.length === 0) return null
  const last = withdrawals
    .filter((job) => payloadOf(job).import === id)
    .sort((a, b) => payloadOf(b).n - payloadOf(a).n)[0]
  const over = last?.state === 'done'
  const state = !last
    ? 'proposed'
    : payloadOf(last).undo
      ? over
        ? 'restored'
        : 'restoring'
      : over
        ? 'withdrawn'
        : 'withdrawing'
  const sum = (of: 'missing' | 'held'): number => kinds.reduce((total, kind) => total + kind[of], 0)
  return { count: sum('missing'), held: sum('held'), kinds, state }
}
