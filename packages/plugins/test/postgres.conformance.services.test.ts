import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { OpenHot } from '@auren/core/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { type ServiceName, service } from '../../../test/services.js'
import { redis } from '../src/storage/redis/index.js'
import { openTestPostgres } from './postgres-fixture.js'
import { useEngine, useHot } from './sql-fixture.js'

/** The suites that PGlite passes in `npm test`: the same bodies, each on databases of its own. */
const suites = readdirSync(import.meta.dirname).filter(
  (file) =>
    /^(sql|longterm|ingest)\..*test\.ts$|^checkpointer\.sql\.test\.ts$/.test(file) && !file.includes('.services.'),
)

for (const name of ['postgres', 'postgres17', 'postgres18'] satisfies ServiceName[]) {
  const server = service(name)
  describe.skipIf(server === null)(name, async () => {
    beforeAll(() => {
      useEngine(() => openTestPostgres(server as string))
      const cache = service('redis')
      useHot(cache === null ? null : () => openTestRedis(cache))
    })
    afterAll(() => {
      useEngine(null)
      useHot(null)
    })
    for (const file of suites)
      describe(file, async () => {
        // The query makes it another module each time: what was imported once would register its tests once.
        await import(/* @vite-ignore */ `./${file}?${name}`)
      })
  })
}

/** Tier 1 as it is deployed, under a prefix of its own. */
function openTestRedis(url: string): Promise<OpenHot> {
  const prefix = `auren-test-${randomUUID()}`
  return redis({ url, prefix, timeoutMs: 5000 }).open({ now: Date.now, log: () => undefined })
}
