import type { IdentityStore } from '../events/identity.js'
import type { ExportHead, ReadLine } from '../exchange/parse-line.js'
import type { LongTerm, MemoryRecord, Patterns, Profile, Threads, Turn } from '../memory/ports.js'
import { contentHash } from '../observation/identity.js'
import type { Instant, UserId } from '../observation/schema.js'

/** What the person has said here already holds; the file fills in the rest. */
export async function profileOf(
  { longTerm }: { longTerm: Pick<LongTerm, 'profile'> },
  user: UserId,
  head: ExportHead,
  lines: readonly ReadLine[],
): Promise<Profile | null> {
  const line = lines.find(({ type }) => type === 'profile')
  if (line?.type !== 'profile') return null
  const said = line.profile as Profile
  const ranks =
    said.ranks &&
    Object.fromEntries(
      Object.entries(said.ranks).map(([metric, keys]) => [metric, keys.map((key) => rekey(key, head.user, user))]),
    )
  return { ...said, ...(ranks ? { ranks } : {}), ...(await longTerm.profile({ user, purpose: 'operate' })) }
}

/** The key of a source whose account was the person (`provider/hash of the account/name`), for who the person is now. */
function rekey(key: string, before: UserId, now: UserId): string {
  const [provider = '', hash, ...name] = key.split('/')
  const of = (account: string): string => contentHash(JSON.stringify([provider, account])).slice(0, 8)
  return hash === of(before) ? [provider, of(now), ...name].join('/') : key
}

/** Versions that are newer than what is known of a memory: the older ones are there already, or were undone here. */
export async function newMemories(
  { patterns }: { patterns: Pick<Patterns, 'get'> },
  user: UserId,
  lines: readonly ReadLine[],
): Promise<MemoryRecord[]> {
  const newest = new Map<string, Instant>()
  const found: MemoryRecord[] = []
  for (const line of lines) {
    if (line.type !== 'memory') continue
    const record = line.item as MemoryRecord
    const known =
      newest.get(record.id) ??
      (await patterns.get({ user, purpose: 'operate' }, record.id))?.recordedAt ??
      Number.NEGATIVE_INFINITY
    newest.set(record.id, Math.max(known, record.recordedAt))
    if (record.recordedAt > known) found.push({ ...record, supersededAt: null })
  }
  return found
}

/** Turns that are not there yet. */
export async function newTurns(
  { threads }: { threads: Pick<Threads, 'turns'> },
  user: UserId,
  lines: readonly ReadLine[],
): Promise<Turn[]> {
  const known = new Map<string, Set<string>>()
  const found: Turn[] = []
  for (const line of lines) {
    if (line.type !== 'turn') continue
    const turn = line.item
    let held = known.get(turn.thread)
    if (!held) {
      held = new Set((await threads.turns({ user, purpose: 'operate' }, turn.thread)).map(({ id }) => id))
      known.set(turn.thread, held)
    }
    if (held.has(turn.id)) continue
    held.add(turn.id)
    found.push(turn)
  }
  return found
}

/** Only what is not recorded yet: a consent that the person has given or withdrawn here since is newer than the file. */
export async function restoreConsents(
  { identity }: { identity?: Pick<IdentityStore, 'consents' | 'addConsent'> | null },
  user: UserId,
  lines: readonly ReadLine[],
): Promise<void> {
  const said = lines.flatMap((line) => (line.type === 'consent' ? [line.item] : []))
  if (!identity || said.length === 0) return
  const known = await identity.consents(user)
  const newest = Math.max(Number.NEGATIVE_INFINITY, ...known.map(({ at }) => at))
  for (const consent of said) if (consent.at > newest) await identity.addConsent(user, consent)
}
