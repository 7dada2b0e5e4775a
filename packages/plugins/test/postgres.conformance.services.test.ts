import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe } from 'vitest'
import { type ServiceName, service } from '../../../test/services.js'
import { openTestPostgres } from './postgres-fixture.js'
import { useEngine } from './sql-fixture.js'

/** The suites that PGlite passes in `npm test`: the same bodies, each on databases of its own. */
const suites = readdirSync(import.meta.dirname).filter(
  (file) =>
    /^(sql|longterm|ingest)\..*test\.ts$|^checkpointer\.sql\.test\.ts$/.test(file) && !file.includes('.services.'),
)

for (const name of ['postgres', 'postgres17', 'postgres18'] satisfies ServiceName[]) {
  const server = service(name)
  describe.skipIf(server === null)(name, async () => {
    beforeAll(() => useEngine(() => openTestPostgres(server as string)))
    afterAll(() => useEngine(null))
    for (const file of suites)
      describe(file, async () => {
        // The query makes it another module each time: what was imported once would register its tests once.
        await import(/* @vite-ignore */ `./${file}?${name}`)
      })
  })
}
