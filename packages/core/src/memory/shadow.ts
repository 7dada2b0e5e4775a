import { createHash } from 'node:crypto'
import type { UserId } from '../observation/schema.js'

/**
 * Under whose name a replay writes what it reads, to be held against what the person has: nobody's. It is emptied when the
 * replay is over, and erased with the person.
 */
export function shadowOf(user: UserId): UserId {
  return `~${createHash('sha256').update(`shadow ${user}`).digest('hex')}`
}
