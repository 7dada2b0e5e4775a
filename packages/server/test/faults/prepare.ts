import { randomUUID } from 'node:crypto'
import { compose } from '../../src/compose.js'
import { readConfig } from '../../src/config.js'
import { digest } from '../../src/identity/sessions.js'
import { createLog } from '../../src/log.js'
import { type Place, persons, poisoner, tokenOf } from './place.js'

/** Makes the tables of a place, and a token for each person. */
export async function prepare(place: Place): Promise<Place> {
  const { KAFKA_BOOTSTRAP_SERVERS: _bus, REDIS_URL: _hot, ...env } = place.env
  const auren = await compose(readConfig({ ...env, AUREN_ZONE: 'Europe/Berlin' }), createLog('silent'), {
    work: 'none',
  })
  try {
    const at = Date.now()
    for (const user of [...persons, poisoner])
      await auren.identity?.addToken({
        id: randomUUID(),
        user,
        hash: digest(tokenOf(user)),
        name: 'test',
        scopes: ['read', 'write', 'operate'],
        createdAt: at,
        expiresAt: at + 30 * 24 * 3_600_000,
      })
  } finally {
    await auren.close()
  }
  return place
}
