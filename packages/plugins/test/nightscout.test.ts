import { readFileSync } from 'node:fs'
import { accept, type FileContext, type FileSource, Observation, type ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nightscout } from '../src/wearables/nightscout/index.js'

const plugin = nightscout()
const utc = Date.parse
const receivedAt = utc('2026-06-10T12:00:00Z')
const textOf = (name: string) => readFileSync(new URL(`../fixtures/nightscout/${name}`, import.meta.url), 'utf8')

const normalize = (collection: string, records: unknown[], units?: string) => {
  const reasons: string[] = []
  const made = [
    ...plugin.normalize(plugin.payload.parse({ collection, records, ...(units ? { units } : {}) }), {
      receivedAt,
      account: 'site.example',
      zoneAt: () => 'Europe/Berlin',
      reject: (_item, reason) => reasons.push(reason),
    }),
  ]
  for (const one of made) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { made, reasons }
}
const sgv = (value: unknown, more: object = {}) => ({
  _id: 'a',
  type: 'sgv',
  sgv: value,
  date: 1_774_747_800_000,
  ...more,
})
const given = (more: object = {}) => ({
  _id: 't1',
  eventType: 'Meal Bolus',
  created_at: '2026-03-29T11:30:00.000Z',
  ...more,
})

describe('an entry', () => {
  it('is a reading at its date, with the offset that it names', () => {
    const { made, reasons } = normalize('entries', JSON.parse(textOf('entries.json')))
    expect(made).toEqual([
      {
        shape: 'sample',
        metric: 'glucose',
        value: 112,
        unit: 'mg/dL',
        start: utc('2026-03-29T01:30:00Z'),
        offset: 120,
        zoneBasis: 'carried',
        recordId: `entry/sgv/${utc('2026-03-29T01:30:00Z')}`,
        source: { name: 'Nightscout', type: 'cgm' },
      },
      {
        shape: 'sample',
        metric: 'glucose',
        value: 104,
        unit: 'mg/dL',
        start: utc('2026-03-29T00:30:00Z'),
        offset: 60,
        zoneBasis: 'carried',
        recordId: `entry/mbg/${utc('2026-03-29T00:30:00Z')}`,
        source: { name: 'Nightscout (fingerstick)', type: 'unknown' },
        flags: 1,
      },
    ])
    expect(reasons).toEqual(['out_of_range', 'no_measurement'])
  })

  it('that is too low, too high or a failure becomes no number', () => {
    for (const value of [39, 38, 20, 13, 401, 501, 'LOW', 'HIGH', ' high ', '<40', '>400', '39', '401', -5])
      expect(normalize('entries', [sgv(value)]), String(value)).toEqual({ made: [], reasons: ['out_of_range'] })
    for (const value of [0, 1, 5, 9, 10, 12])
      expect(normalize('entries', [sgv(value)]), String(value)).toEqual({ made: [], reasons: ['sensor_failure'] })
    for (const value of [40, 400, 402, 500, '135'])
      expect(normalize('entries', [sgv(value)]).made, String(value)).toMatchObject([{ value: Number(value) }])
    for (const value of ['???', '12,5', {}, true])
      expect(normalize('entries', [sgv(value)]).reasons, String(value)).toEqual(['value_unreadable'])
    for (const value of [null, ''])
      expect(normalize('entries', [sgv(value)]).reasons, String(value)).toEqual(['no_value'])
  })

  it('is in mg/dL unless it says otherwise, and never in a unit that it cannot be in', () => {
    expect(normalize('entries', [sgv(6.2, { units: 'mmol' })]).made).toMatchObject([{ value: 6.2, unit: 'mmol/L' }])
    // What is shown is another matter.
    expect(normalize('entries', [sgv(112)], 'mmol').made).toMatchObject([{ value: 112, unit: 'mg/dL' }])
    expect(normalize('entries', [sgv(112, { units: 'mmol' })]).reasons).toEqual(['out_of_range'])
    expect(normalize('entries', [sgv(2.1, { units: 'mmol/L' })]).reasons).toEqual(['out_of_range'])
    expect(normalize('entries', [sgv(112, { units: 'g/L' })]).reasons).toEqual(['unit_unknown'])
  })

  it('has its time by text where the date is missing, and no offset where all it says is UTC', () => {
    const timeOf = (more: object) => {
      const [one] = normalize('entries', [{ type: 'sgv', sgv: 100, ...more }]).made
      return one?.shape === 'sample' ? [new Date(one.start).toISOString(), one.offset, one.zoneBasis] : null
    }
    const carried = ['2019-07-30T00:24:50.434Z', 120, 'carried']
    expect(timeOf({ dateString: '2019-07-30T02:24:50.434+0200' })).toEqual(carried)
    expect(timeOf({ date: '2019-07-30T02:24:50.434+02:00' })).toEqual(carried)
    expect(timeOf({ sysTime: '2019-07-30T00:24:50.434Z', utcOffset: 120 })).toEqual(carried)
    const absent = ['2015-11-22T21:27:50.000Z', null, 'absent']
    expect(timeOf({ date: 1_448_227_670_000, dateString: 'Sun Nov 22 23:27:50 EET 2015' })).toEqual(absent)
    expect(timeOf({ date: 1_448_227_670_000, utcOffset: 0 })).toEqual(absent)
    expect(timeOf({ date: 1_448_227_670_000, utcOffset: 100_000 })).toEqual(absent)
    expect(timeOf({ date: 1_448_227_670 })).toEqual(absent)
    expect(timeOf({ date: { $numberLong: '1448227670000' } })).toEqual(absent)
    for (const more of [{}, { dateString: '2019-07-30T02:24:50' }, { date: 'x' }, { date: -1 }])
      expect(timeOf(more), JSON.stringify(more)).toBeNull()
  })

  it('that two uploaders wrote is one, and stays when one of the two is deleted', () => {
    const other = sgv(112, { _id: undefined, identifier: 'uuid', srvModified: 1_774_747_900_000 })
    const both = accept(normalize('entries', [sgv(112), other]).made, {
      provider: 'nightscout',
      account: 'site.example',
      receivedAt,
      registry: {},
    })
    expect(new Set(both.accepted.map((one) => ('recordId' in one ? one.recordId : '')))).toEqual(
      new Set(['entry/sgv/1774747800000']),
    )
    const { made } = normalize('entries', [sgv(112), { ...other, isValid: false }])
    expect(made.map(({ shape }) => shape)).toEqual(['sample'])
    expect(normalize('entries', [{ ...other, isValid: false }]).made).toEqual([
      { shape: 'deletion', recordId: 'entry/sgv/1774747800000', version: 1_774_747_900_000 },
    ])
  })
})

describe('a treatment', () => {
  it('is what was taken, eaten, done, measured and said; what was deleted is withdrawn', () => {
    const [payload] = plugin.documents!(JSON.parse(textOf('treatments.json')), 'treatments.json') ?? []
    const { made, reasons } = normalize('treatments', payload?.records ?? [])
    expect(reasons).toEqual([])
    const start = utc('2026-03-29T11:30:00Z')
    const name = (n: number) => `treatment/0b6d2f34-0000-5000-8000-00000000000${n}`
    const manual = { offset: 120, zoneBasis: 'carried', flags: 1, source: { name: 'Nightscout', type: 'manual' } }
    expect(made).toMatchObject([
      { metric: 'insulin', value: 4.5, unit: '[IU]', start, recordId: name(1), version: 1_774_783_801_000, ...manual },
      { metric: 'carbohydrate_intake', value: 45, unit: 'g', start, recordId: name(1), ...manual },
      { shape: 'tag', tag: 'note', text: 'soup and bread', start, ...manual },
      {
        shape: 'session',
        kind: 'workout',
        activity: 'other',
        start: utc('2026-03-29T12:00:00Z'),
        end: utc('2026-03-29T12:30:00Z'),
        recordId: name(2),
      },
      {
        metric: 'glucose',
        value: 6.2,
        unit: 'mmol/L',
        source: { name: 'Nightscout (fingerstick)', type: 'unknown' },
        recordId: name(3),
      },
      { shape: 'deletion', recordId: name(4), version: 1_774_792_000_000 },
    ])
    expect(made).toHaveLength(6)
  })

  it('has glucose in the unit that it names, else in the site’s, else in none', () => {
    const check = { eventType: 'BG Check', glucose: '6.5' }
    expect(normalize('treatments', [given({ ...check, units: 'mg/dl' })]).made).toMatchObject([{ unit: 'mg/dL' }])
    expect(normalize('treatments', [given(check)], 'mmol').made).toMatchObject([{ value: 6.5, unit: 'mmol/L' }])
    expect(normalize('treatments', [given(check)])).toEqual({ made: [], reasons: ['unit_unknown'] })
    // The sensor's value beside a bolus is an entry already.
    const beside = { insulin: 2, glucose: 140, units: 'mg/dl' }
    for (const more of [beside, { ...beside, glucoseType: 'Sensor' }])
      expect(normalize('treatments', [given(more)]).made).toMatchObject([{ metric: 'insulin', value: 2 }])
  })

  it('that a loop gave is no entry of the person, and its words are none of theirs', () => {
    for (const more of [
      { isSMB: true },
      { automatic: true },
      { enteredBy: 'openaps://medtronic/722' },
      { type: 'SMB' },
    ]) {
      const { made } = normalize('treatments', [given({ insulin: 0.3, notes: 'Calculated IOB', ...more })])
      expect(made, JSON.stringify(more)).toHaveLength(1)
      expect(made[0]).toMatchObject({ metric: 'insulin', source: { name: 'Nightscout (pump)', type: 'unknown' } })
      expect(made[0]).not.toHaveProperty('flags')
    }
  })

  it('of a combo bolus has what was given over time too, which stands beside what was given at once', () => {
    const combo = { eventType: 'Combo Bolus', enteredinsulin: '6', splitNow: 50, splitExt: 50, duration: 120 }
    const of = (more: object) => normalize('treatments', [given({ ...combo, ...more })])
    const start = utc('2026-03-29T11:30:00Z')
    expect(of({ insulin: 3, relative: 1.5 })).toMatchObject({
      made: [{ metric: 'insulin', value: 6, start }],
      reasons: [],
    })
    expect(of({ insulin: 0, relative: '1.8', duration: 100 }).made).toMatchObject([{ metric: 'insulin', value: 3 }])
    expect(of({ insulin: 3, relative: null }).made).toMatchObject([{ metric: 'insulin', value: 3 }])
    expect(of({ insulin: 3, relative: 'much' }).made).toMatchObject([{ metric: 'insulin', value: 3 }])
    // A rate of a basal is no bolus.
    expect(of({ eventType: 'Temp Basal', relative: 1.5 }).made).toEqual([])
  })

  it('of a device is left out, and insulin that filled a tube is nobody’s', () => {
    for (const eventType of ['Temp Basal', 'Profile Switch', 'Temporary Target', 'Sensor Change', 'D.A.D. Alert'])
      expect(normalize('treatments', [given({ eventType, duration: 30, absolute: 1, notes: 'x' })])).toEqual({
        made: [],
        reasons: [],
      })
    expect(normalize('treatments', [given({ eventType: 'Site Change', insulin: 7 })])).toEqual({
      made: [],
      reasons: ['dose_of_device'],
    })
  })

  it('with nothing in it is set aside, and a number that is none', () => {
    expect(normalize('treatments', [given()]).reasons).toEqual(['no_value'])
    expect(normalize('treatments', [given({ insulin: 'two', carbs: '45' })])).toMatchObject({
      made: [{ metric: 'carbohydrate_intake', value: 45 }],
      reasons: ['value_unreadable'],
    })
    expect(normalize('treatments', [given({ created_at: '2026-03-29 11:30', insulin: 1 })]).reasons).toEqual([
      'time_unreadable',
    ])
  })

  it('exercise without a duration is a tag', () => {
    for (const duration of [undefined, 0, 3000])
      expect(normalize('treatments', [given({ eventType: 'Exercise', duration, notes: 'hill' })]).made).toMatchObject([
        { shape: 'tag', tag: 'exercise', text: 'hill' },
      ])
  })

  it('keeps its name when its time is changed, and is known by the same one through both APIs', () => {
    const before = normalize('treatments', [given({ carbs: 20 })]).made
    const after = normalize('treatments', [given({ carbs: 20, created_at: '2026-03-29T10:30:00.000Z' })]).made
    const v3 = normalize('treatments', [given({ _id: undefined, identifier: 't1', carbs: 20 })]).made
    expect([...before, ...after, ...v3].map((one) => ('recordId' in one ? one.recordId : ''))).toEqual(
      Array(3).fill('treatment/t1'),
    )
  })

  it('that was uploaded twice counts once, whichever comes first', () => {
    const twins = [given({ _id: 'b', insulin: 3 }), given({ _id: 'a', insulin: 3 })]
    for (const records of [twins, twins.toReversed()]) {
      const { made, reasons } = normalize('treatments', records)
      expect(made).toMatchObject([{ metric: 'insulin', recordId: 'treatment/a' }])
      expect(made).toHaveLength(1)
      expect(reasons).toEqual(['duplicate_treatment'])
    }
    // Of the two one was deleted: the other stands.
    const { made } = normalize('treatments', [given({ _id: 'a', insulin: 3, isValid: false }), twins[0]])
    expect(made).toMatchObject([{ shape: 'deletion', recordId: 'treatment/a' }, { recordId: 'treatment/b' }])
  })
})

describe('documents', () => {
  it('are known by what is in them; devicestatus holds no measurement', () => {
    const read = (document: unknown) => plugin.documents!(document, 'x.json')?.map(({ collection }) => collection)
    expect(read(JSON.parse(textOf('entries.json')))).toEqual(['entries'])
    expect(read(JSON.parse(textOf('entries.json'))[0])).toEqual(['entries'])
    expect(read([sgv(100), given({ carbs: 1 })])).toEqual(['entries', 'treatments'])
    expect(read([{ created_at: '2026-03-29T11:30:00Z', uploaderBattery: 100 }])).toEqual(['devicestatus'])
    for (const other of [null, 3, 'x', [], {}, [{ date: 1 }], { status: 200, result: [] }, { egvs: [] }])
      expect(plugin.documents!(other, 'x.json'), JSON.stringify(other)).toBeNull()
    expect(normalize('devicestatus', [{ uploaderBattery: 100 }]).reasons).toEqual(['no_measurement'])
  })

  it('are read as files, whatever their name', async () => {
    const read = async (text: string, name: string) => {
      const bytes = Buffer.from(text)
      const file: FileSource = { name, size: bytes.length, read: async (at, n) => bytes.subarray(at, at + n) }
      expect(await plugin.file!.recognises(name, bytes, file)).toBe(true)
      const ctx: FileContext = {
        account: 'robin',
        cursor: null,
        signal: new AbortController().signal,
        receivedAt,
        zoneAt: () => null,
      }
      const made: ObservationInput[] = []
      for await (const step of plugin.file!.read(file, ctx)) made.push(...step.observations)
      return made
    }
    expect(await read(textOf('entries.json'), 'download.txt')).toHaveLength(2)
    expect(await read(textOf('treatments.json'), 'treatments.json')).toHaveLength(6)
    const other = Buffer.from('[{"date":"2026-01-01","value":3}]')
    const file: FileSource = { name: 'x.json', size: other.length, read: async () => other }
    expect(await plugin.file!.recognises('x.json', other, file)).toBe(false)
  })

  it('never throw, and what comes of them is whole, whatever a site holds', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(100, '39', 'LOW', 'mmol', '2026-03-29T11:30:00Z', 1.7e12))
    const names = ['_id', 'type', 'sgv', 'mbg', 'date', 'dateString', 'created_at', 'eventType', 'insulin', 'carbs']
    const more = ['glucose', 'glucoseType', 'units', 'utcOffset', 'notes', 'duration', 'isValid', 'srvModified']
    const doc = fc.dictionary(fc.constantFrom(...names, ...more), value)
    fc.assert(
      fc.property(fc.constantFrom('entries', 'treatments'), fc.array(doc, { maxLength: 4 }), (collection, docs) => {
        const { made, reasons } = normalize(collection, docs)
        // A reading is never one beyond what sensors measure.
        for (const one of made)
          if (one.shape === 'sample' && one.source.type === 'cgm')
            expect(one.unit === 'mg/dL' ? one.value >= 40 && one.value <= 500 : one.value < 28).toBe(true)
        if (collection === 'entries') expect(made.length + reasons.length).toBeLessThanOrEqual(docs.length)
      }),
      { numRuns: 300 },
    )
  })
})
