import { useSyncExternalStore } from 'react'
import { appendPart, beginImport, cancelImport, PART, readImport, startImport } from '../../api/biometric'
import { messageOf, Problem } from '../../api/problem'
import { client } from '../../parts/queries'

/** An upload as the page shows it. `waiting`: the connection is away, it goes on by itself. */
export interface Upload {
  phase: 'idle' | 'preparing' | 'uploading' | 'waiting' | 'starting' | 'failed'
  id: string | null
  name: string
  size: number
  /** Bytes that the server has. */
  sent: number
  /** True where it goes on from an upload that broke off. */
  resumed: boolean
  error: string | null
}

const idle: Upload = { phase: 'idle', id: null, name: '', size: 0, sent: 0, resumed: false, error: null }
let state = idle
let control: AbortController | null = null
const listeners = new Set<() => void>()

function set(change: Partial<Upload>): void {
  state = { ...state, ...change }
  for (const listener of listeners) listener()
}

/** The upload of this page; it goes on while other screens are shown. */
export function useUpload(): Upload {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}

/** Where this browser notes which file an unfinished upload is of: the import's id and a mark of the file. */
const KEY = 'auren.upload'
const HEAD = 64 * 1024
const BACKOFF = [1000, 2000, 4000, 8000, 15_000]

/** Tells a file from another without reading it whole: its size, its time and a hash of its beginning. */
async function markOf(file: File): Promise<string> {
  const head = await crypto.subtle.digest('SHA-256', await file.slice(0, HEAD).arrayBuffer())
  const hash = Array.from(new Uint8Array(head).slice(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${file.size}/${file.lastModified}/${hash}`
}

/** An upload of this very file that broke off, with the bytes that the server has of it. */
async function brokenOff(mark: string): Promise<{ id: string; sent: number } | null> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as { id: string; mark: string } | null
    if (kept?.mark !== mark) return null
    const view = await readImport(kept.id)
    return view.state === 'uploading' ? { id: kept.id, sent: view.progress.bytes } : null
  } catch {
    return null
  }
}

/**
 * Uploads a file in parts, each read from the disk when its turn comes, and starts its import. The same file chosen
 * again after a reload goes on where the server stands.
 */
export async function upload(file: File): Promise<void> {
  if (state.phase !== 'idle' && state.phase !== 'failed') return
  control = new AbortController()
  const { signal } = control
  set({ ...idle, phase: 'preparing', name: file.name, size: file.size })
  try {
    if (file.size === 0) throw new Problem(400, '', 'This file is empty.')
    const mark = await markOf(file)
    const broken = await brokenOff(mark)
    const id = broken?.id ?? (await beginImport(file.name, file.size)).id
    localStorage.setItem(KEY, JSON.stringify({ id, mark }))
    set({ phase: 'uploading', id, sent: broken?.sent ?? 0, resumed: broken !== null })
    await sendParts(file, id, signal)
    set({ phase: 'starting' })
    await startImport(id)
    localStorage.removeItem(KEY)
    await client.invalidateQueries({ queryKey: ['imports'] })
    set(idle)
  } catch (error) {
    if (signal.aborted) set(idle)
    else set({ phase: 'failed', error: errorOf(error) })
    void client.invalidateQueries({ queryKey: ['imports'] })
  }
}

async function sendParts(file: File, id: string, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; state.sent < file.size; ) {
    signal.throwIfAborted()
    try {
      const sent = await appendPart(id, state.sent, file.slice(state.sent, state.sent + PART), signal)
      if (sent <= state.sent) throw new Problem(409, '', 'The server did not take a part of the file. Begin again.')
      set({ phase: 'uploading', sent })
      attempt = 0
    } catch (error) {
      if (!(error instanceof Problem) || !error.temporary || attempt >= BACKOFF.length) throw error
      set({ phase: 'waiting' })
      await pause((error.retryAfter ?? 0) * 1000 || (BACKOFF[attempt] ?? 0), signal)
      attempt += 1
      // What arrived is for the server to say: an answer may have been lost after its part was kept.
      await readImport(id, signal).then(
        ({ progress }) => set({ sent: progress.bytes }),
        () => undefined,
      )
    }
  }
}

/** Stops the upload, and takes away what was uploaded. */
export async function cancelUpload(): Promise<void> {
  const { id } = state
  control?.abort()
  localStorage.removeItem(KEY)
  if (id) await cancelImport(id).catch(() => undefined)
  set(idle)
  void client.invalidateQueries({ queryKey: ['imports'] })
}

/** A file that was changed or moved while it was read is told as what it is. */
function errorOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'NotReadableError')
    return 'The file can no longer be read. Has it been moved or changed? Choose it again.'
  return messageOf(error)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
