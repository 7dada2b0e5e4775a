import {
  canonicalValue,
  contentHash,
  currentRevision,
  isWithdrawn,
  mergeMarks,
  type RecordMark,
  type Revision,
} from '../observation/identity.js'
import type { Instant, Observation } from '../observation/schema.js'
import { keyOf } from './wearable-run.js'

/** What was accepted of one delivery. */
export interface Delivered {
  receivedAt: Instant
  accepted: readonly Observation[]
}
type Valued = Exclude<Observation, { shape: 'deletion' }>
interface Said extends Revision {
  observation: Valued | null
}

/**
 * What holds after deliveries, by the rules of DESIGN §4: the newest revision of a record is the record, a deletion is a
 * revision, and without a record's id the newest value of an identity holds. Ascending by time.
 */
export function standing(provider: string, account: string, deliveries: readonly Delivered[]): Valued[] {
  const marks = new Map<string, RecordMark[]>()
  const revisions = new Map<string, Said[]>()
  for (const { receivedAt, accepted } of deliveries)
    for (const observation of accepted) {
      const { recordId, version = null } = observation
      const gone = observation.shape !== 'deletion' ? 0 : observation.sticky ? 2 : 1
      if (recordId !== undefined)
        marks.set(recordId, mergeMarks(marks.get(recordId) ?? [], [{ version, at: receivedAt, gone }]))
      if (gone > 0 && recordId !== undefined) continue
      const key = keyOf(provider, account, observation)
      const said: Said = {
        gone,
        version,
        first: receivedAt,
        last: receivedAt,
        rawRef: '',
        observation: observation.shape === 'deletion' ? null : observation,
      }
      revisions.set(key, [...(revisions.get(key) ?? []), said])
    }
  return [...revisions.values()]
    .flatMap((said) => {
      const recordId = said[0]?.observation?.recordId
      const held = recordId === undefined ? [] : (marks.get(recordId) ?? [])
      const current = currentRevision(
        said.filter((one) => one.observation === null || !isWithdrawn(held, one)),
        ({ observation }) => (observation ? contentHash(canonicalValue(observation)) : ''),
      )
      return current?.observation ? [current.observation] : []
    })
    .sort((a, b) => timeOf(a) - timeOf(b) || (sortKey(a) < sortKey(b) ? -1 : 1))
}

function timeOf(observation: Valued): number {
  return observation.shape === 'daily_total' ? Date.parse(observation.date) : observation.start
}

function sortKey(observation: Valued): string {
  return JSON.stringify([observation.shape, 'metric' in observation ? observation.metric : '', observation])
}
