import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embeddedWorld, type Place } from './faults/place.js'
import { trappedExport, traps } from './kill/export.js'
import { prepareUpload, survive } from './kill/survive.js'
import { comparable, readTables, type Tables } from './kill/tables.js'

// A few of the kills of `npm run test:faults`, at the places where most is at stake.
const world = embeddedWorld()
let prepared: Place
let upload = ''
let undisturbed: Tables

beforeAll(async () => {
  prepared = await world.create()
  upload = await prepareUpload(prepared, trappedExport(7000, 5))
  const place = await prepared.copy()
  const { view } = await survive(place, upload, [])
  expect(view).toMatchObject({ state: 'done', error: null })
  expect(Object.fromEntries(view.rejected.map(({ reason, count }) => [reason, count]))).toMatchObject(traps)
  undisturbed = await readTables(place)
  expect(undisturbed).toMatchObject({ accepted: undisturbed.stored, waiting: 0, jobs: { done: 1 } })
  expect(undisturbed.stored).toBeGreaterThan(5)
  expect(undisturbed.rows.chunks).toBeGreaterThan(10)
}, 240_000)
afterAll(() => world.close())

describe('a server killed in the middle of an import', () => {
  it('has the same tables after it was started again', async () => {
    const place = await prepared.copy()
    const { kills, view } = await survive(place, upload, [
      { place: 'ingest:after-receive', nth: 1 },
      // The steps first: on a busy machine the import would be over before what comes after it was killed.
      { place: 'import:step-before-commit', nth: 2 },
      { place: 'import:step-after-commit', nth: 1 },
      { place: 'relay:after-commit', nth: 1 },
      { place: 'consume:after-write', nth: 1 },
    ])
    const inFlight = kills.filter((killed) => killed.inFlight)
    console.log(
      `kills: ${kills.length} planned, ${kills.filter(({ fired }) => fired).length} fired, ${inFlight.length} in flight`,
    )
    expect(inFlight).toHaveLength(5)
    expect(view).toMatchObject({ state: 'done', error: null })
    expect(comparable(await readTables(place))).toEqual(comparable(undisturbed))
  }, 240_000)
})
