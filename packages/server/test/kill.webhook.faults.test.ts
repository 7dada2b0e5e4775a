import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OuraServer, startOura } from '../../plugins/test/servers/oura.js'
import { embeddedWorld, type Place } from './faults/place.js'
import { readTables, readTags } from './kill/tables.js'
import { application, connect, deliverThrough } from './kill/vendor.js'

const world = embeddedWorld()
const ids = Array.from({ length: 40 }, (_, i) => `tag-${String(i).padStart(2, '0')}`)
let oura: OuraServer
let connected: Place

beforeAll(async () => {
  oura = await startOura(application)
  oura.collections.set('enhanced_tag', [])
  connected = await world.create()
  await connect(connected, oura)
  for (const [i, id] of ids.entries()) {
    const day = `2026-01-${String((i % 28) + 1).padStart(2, '0')}`
    oura.collections.get('enhanced_tag')?.push({
      id,
      tag_type_code: i % 2 === 0 ? 'tag_generic_alcohol' : 'tag_generic_caffeine',
      start_time: `${day}T${String(8 + (i % 12)).padStart(2, '0')}:00:00+01:00`,
      end_time: null,
      start_day: day,
      comment: '',
    })
  }
})
afterAll(async () => {
  await oura.close()
  await world.close()
})

describe('a vendor whose deliveries are cut off', () => {
  const plans = [
    ['ingest:before-receive', 'ingest:after-commit', 'consume:after-write', 'ingest:before-commit'],
    ['ingest:after-receive', 'relay:before-commit', 'ingest:after-commit', 'consume:after-commit'],
    ['ingest:before-commit', 'consume:before-commit', 'ingest:after-commit', 'relay:after-commit'],
  ]
  it.each(plans.map((places, index) => ({ places, index })))(
    'finds each of them once: $places',
    async ({ places, index }) => {
      const place = await connected.copy()
      const outcome = await deliverThrough(
        place,
        oura,
        ids,
        // On a busy machine all of them are taken in together, once.
        places.map((place, i) => ({ place, nth: place.startsWith('ingest') ? 2 + ((index + i) % 4) : 1 })),
      )
      console.log(`kills: ${JSON.stringify(outcome)}`)
      expect(outcome.fired).toBe(places.length)
      expect(outcome.inFlight).toBeGreaterThanOrEqual(places.length - 1)
      // Nothing else than 200 was ever answered: whatever was not kept was not promised either.
      expect(Object.keys(outcome.statuses)).toEqual(['200'])
      const tables = await readTables(place)
      expect(tables).toMatchObject({ waiting: 0, accepted: tables.stored })
      expect(Object.keys(tables.jobs).filter((state) => state === 'dead' || state === 'running')).toEqual([])
      expect(await readTags(place)).toEqual(
        ids.map((id, i) => ({
          recordId: `enhanced_tag/${id}`,
          tag: i % 2 === 0 ? 'alcohol' : 'caffeine',
          revisions: 1,
        })),
      )
    },
  )
})
