import { AurenError, type PullContext } from '@auren/core'
import { refusalOf } from '../../vendor/refusal.js'

/** Limits are counted in quarters of an hour by the clock, and in days of UTC. */
const QUARTER = 900
const DAY = 86_400

type Answer = { status: number; headers: Readonly<Record<string, string>> }

/** Fetches JSON; null where Strava says that there is no such thing (for us). @throws AurenError */
export async function get(ctx: PullContext, url: string, what: string): Promise<unknown | null> {
  const answer = await ctx.fetch(url, { signal: ctx.signal })
  if (answer.status === 200) return answer.json()
  if (answer.status === 404) return null
  throw refused(answer, what, ctx.now)
}

/** The error that an answer stands for. */
export function refused(answer: Answer, what: string, now: number): AurenError {
  return refusalOf(answer, {
    plugin: 'strava',
    name: 'Strava',
    what,
    told: waitOf(answer.headers, Math.floor(now / 1000)),
  })
}

/** Strava seldom says how long to wait: until the next quarter, or the next day where that one is used up. */
function waitOf(headers: Answer['headers'], now: number): number {
  const told = Number(headers['retry-after'])
  if (told > 0) return told
  const used = (kind: string): boolean => {
    const [, limit] = (headers[`x-${kind}-limit`] ?? '').split(',').map(Number)
    const [, usage] = (headers[`x-${kind}-usage`] ?? '').split(',').map(Number)
    return limit !== undefined && usage !== undefined && limit > 0 && usage >= limit
  }
  const span = used('ratelimit') || used('readratelimit') ? DAY : QUARTER
  return span - (now % span)
}

/** What is there is not what was asked for. */
export function notAsked(what: string): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', `Strava's answer for ${what} is not what it documents.`, {
    plugin: 'strava',
  })
}
