import { randomUUID } from 'node:crypto'
import { AurenError } from '../../../core/src/errors.js'
import type { ImportView, IngestDoor } from '../../../core/src/plugin/auren.js'

interface Held {
  view: ImportView
  bytes: Buffer[]
  size: number
}

/** Uploads that are kept in memory, and imports that get on each time that they are looked at. */
export function createUploads() {
  const held = new Map<string, Held>()
  const failures: number[] = []
  let refuse = 0
  let parts = 0
  let pause: Promise<void> | null = null

  const require = (id: string): Held => {
    const found = held.get(id)
    if (!found) throw new AurenError('AUREN_NOT_FOUND', `There is no import ${id}.`)
    return found
  }
  /** Asked for, it is being done; looked at again, it is done. */
  const change = async (id: string, what: 'withdraw' | 'restore'): Promise<ImportView> => {
    const { view } = require(id)
    if (!view.missing) throw new AurenError('AUREN_CONFLICT', 'This import is no complete export that lacks anything.')
    view.missing.state = what === 'withdraw' ? 'withdrawing' : 'restoring'
    return structuredClone(view)
  }
  const advance = (view: ImportView): void => {
    if (view.missing?.state === 'withdrawing') view.missing.state = 'withdrawn'
    else if (view.missing?.state === 'restoring') view.missing.state = 'restored'
    if (view.state !== 'running') return
    const { progress } = view
    const total = progress.total ?? 0
    progress.bytes = Math.min(total, progress.bytes + Math.ceil(total / 3))
    progress.observations += 41_207
    if (progress.bytes < total) return
    view.state = 'done'
    view.rejected = [
      { reason: 'hard_range', count: 12 },
      { reason: 'ignored', count: 3 },
    ]
    progress.rejected = 15
  }

  const door: Pick<IngestDoor, 'uploads' | 'imports'> = {
    uploads: {
      async begin(_user, { name, size }) {
        const id = randomUUID()
        const view: ImportView = {
          id,
          plugin: 'auto',
          name,
          state: 'uploading',
          duplicate: false,
          progress: { bytes: 0, total: size ?? null, observations: 0, rejected: 0 },
          rejected: [],
          missing: null,
          error: null,
          startedAt: Date.now(),
        }
        held.set(id, { view, bytes: [], size: 0 })
        return { id }
      },
      async append(_user, id, offset, bytes) {
        await pause
        if (refuse > 0) {
          refuse -= 1
          failures.push(offset)
          throw new AurenError('AUREN_STORE_UNAVAILABLE', 'The store is busy.')
        }
        const upload = require(id)
        parts += 1
        // A part that came before does nothing.
        if (offset !== upload.size) return { size: upload.size }
        upload.bytes.push(Buffer.from(bytes))
        upload.size += bytes.length
        upload.view.progress.bytes = upload.size
        return { size: upload.size }
      },
      async start(_user, id) {
        const { view, size } = require(id)
        view.state = 'running'
        view.plugin = 'apple-health'
        view.progress = { ...view.progress, bytes: 0, total: size }
        return structuredClone(view)
      },
    },
    imports: {
      list: async () => [...held.values()].map(({ view }) => structuredClone(view)).reverse(),
      async get(_user, id) {
        const { view } = require(id)
        advance(view)
        return structuredClone(view)
      },
      async cancel(_user, id) {
        require(id).view.state = 'cancelled'
      },
      withdraw: (_user, id) => change(id, 'withdraw'),
      restore: (_user, id) => change(id, 'restore'),
    },
  }
  return {
    door,
    /** The next parts are answered with 503. */
    refuse(times: number) {
      refuse = times
    },
    /** Parts wait until the returned function is called. */
    pause(): () => void {
      let resume: () => void = () => undefined
      pause = new Promise((resolve) => {
        resume = () => {
          pause = null
          resolve()
        }
      })
      return resume
    },
    /** A complete export has been imported that lacks what earlier ones held. */
    complete(name: string, missing: NonNullable<ImportView['missing']>) {
      const id = randomUUID()
      const progress = { bytes: 9, total: 9, observations: 88_796, rejected: 0 }
      const rest = { rejected: [], error: null, startedAt: Date.now(), duplicate: false }
      const view: ImportView = {
        id,
        plugin: 'apple-health',
        name,
        state: 'done',
        progress,
        missing: structuredClone(missing),
        ...rest,
      }
      held.set(id, { view, bytes: [], size: 9 })
    },
    failures,
    parts: () => parts,
    /** Bytes that arrived, by import. */
    bytes: () => [...held.values()].map(({ bytes }) => Buffer.concat(bytes)),
  }
}
