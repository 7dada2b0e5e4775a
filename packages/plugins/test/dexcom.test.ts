import { readdirSync, readFileSync } from 'node:fs'
import { accept, type FileContext, type FileSource, Observation, type ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { dexcom } from '../src/wearables/dexcom/index.js'

const plugin = dexcom({ clientId: 'c', clientSecret: 's' })
const utc = Date.parse

const normalize = (collection: string, records: unknown[]) => {
  const rejected: { item: unknown; reason: string; detail: string }[] = []
  const observations = [
    ...plugin.normalize(plugin.payload.parse({ collection, records }), {
      receivedAt: utc('2026-06-01T00:00:00Z'),
      account: 'a',
      zoneAt: () => 'Europe/Berlin',
      reject: (item, reason, detail) => rejected.push({ item, reason, detail }),
    }),
  ]
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected, reasons: rejected.map(({ reason }) => reason) }
}
const egv = (more: Record<string, unknown> = {}) => ({
  recordId: 'r1',
  systemTime: '2025-10-26T00:55:00Z',
  displayTime: '2025-10-26T02:55:00+02:00',
  value: 104,
  status: null,
  unit: 'mg/dL',
  transmitterGeneration: 'g7',
  ...more,
})
const event = (eventType: string, more: Record<string, unknown> = {}) => ({
  recordId: 'e1',
  systemTime: '2025-06-01T06:00:00+00:00',
  displayTime: '2025-06-01T08:00:00+02:00',
  eventStatus: 'created',
  eventType,
  eventSubType: null,
  value: '12',
  unit: 'units',
  ...more,
})

describe('readings', () => {
  it('are placed by the system’s clock, with the offset that the display carries', () => {
    const payload = JSON.parse(readFileSync(new URL('../fixtures/dexcom/egvs.json', import.meta.url), 'utf8'))
    const { observations, reasons } = normalize(payload.collection, payload.records)
    expect(observations).toMatchObject([
      {
        metric: 'glucose',
        value: 104,
        unit: 'mg/dL',
        start: utc('2025-10-26T00:55:00Z'),
        offset: 120,
        zoneBasis: 'carried',
        source: { name: 'Dexcom G7', type: 'cgm' },
        recordId: 'egv/6f1c0b7e-0001-4a5e-9a3f-000000000001',
      },
    ])
    expect(reasons).toEqual(['out_of_range'])
  })

  it.each([
    // A receiver: no offsets, the difference is one. Its clock is a few minutes slow, too.
    ['2025-01-30T23:49:55', '2025-01-30T15:49:55', -480, 'inferred'],
    ['2025-01-30T23:49:55', '2025-01-30T15:46:55', -480, 'inferred'],
    ['2025-01-30T12:00:00Z', '2025-01-30T17:45:00', 345, 'inferred'],
    ['2025-01-30T12:00:00', '2025-01-31T02:00:00', 840, 'inferred'],
    // The display's clock is wrong: it tells no offset, and moves no reading.
    ['2025-01-30T12:00:00', '2019-01-01T00:00:00', null, 'absent'],
    ['2025-01-30T12:00:00', '2025-01-30T13:07:30', null, 'absent'],
    ['2025-01-30T12:00:00', null, null, 'absent'],
    ['2025-01-30T12:00:00', 'yesterday', null, 'absent'],
    // A phone whose clock is an hour late still knows its zone.
    ['2025-01-30T12:00:00Z', '2025-01-30T12:00:00+01:00', 60, 'carried'],
    ['2025-01-30T13:00:00+01:00', '2025-01-30T13:00:00+01:00', 60, 'carried'],
  ])('of system %s and display %s have the offset %s', (systemTime, displayTime, offset, zoneBasis) => {
    const [one] = normalize('egvs', [egv({ systemTime, displayTime })]).observations
    const start = utc(/Z|\+/.test(systemTime) ? systemTime : `${systemTime}Z`)
    expect(one).toMatchObject({ start, offset, zoneBasis })
  })

  it.each([
    ['low', 39, 'mg/dL', 'out_of_range'],
    ['high', 401, 'mg/dL', 'out_of_range'],
    ['LOW', 2.2, 'mmol/L', 'out_of_range'],
    [null, 39, 'mg/dL', 'out_of_range'],
    ['ok', 401, 'mg/dL', 'out_of_range'],
    [null, 5, 'mg/dL', 'out_of_range'],
    [null, 22.3, 'mmol/L', 'out_of_range'],
    [null, null, 'mg/dL', 'no_value'],
    ['high', null, 'mg/dL', 'out_of_range'],
    [null, 100, 'unknown', 'unit_unknown'],
    [null, 100, null, 'unit_unknown'],
  ])('status %s, value %s %s: no number is made, and it is said why', (status, value, unit, reason) => {
    const { observations, reasons } = normalize('egvs', [egv({ status, value, unit })])
    expect(observations).toEqual([])
    expect(reasons).toEqual([reason])
  })

  it('have the ends of the range, and mmol/L', () => {
    const made = normalize('egvs', [
      egv({ value: 40, recordId: 'a' }),
      egv({ value: 400, status: 'ok', recordId: 'b' }),
      egv({ value: 5.4, unit: 'mmol/L', status: 'invented', recordId: 'c' }),
    ])
    expect(made.rejected).toEqual([])
    const { accepted } = accept(made.observations, {
      provider: 'dexcom',
      account: 'a',
      receivedAt: utc('2026-06-01T00:00:00Z'),
      registry: {},
    })
    // 5.4 × 18.016
    expect(accepted.map((one) => Math.round((one as { value: number }).value * 1e4) / 1e4)).toEqual([40, 400, 97.2864])
  })

  it('that are broken are set aside one by one', () => {
    const { observations, reasons } = normalize('egvs', [
      null,
      {},
      egv({ systemTime: 'x' }),
      egv({ value: 'x' }),
      egv(),
    ])
    expect(observations).toHaveLength(1)
    expect(reasons).toEqual(['schema', 'schema', 'time_unreadable', 'schema'])
  })

  it('of a meter are not the sensor’s', () => {
    const { observations } = normalize('calibrations', [egv({ value: 450, status: undefined })])
    expect(observations).toMatchObject([
      { value: 450, recordId: 'calibration/r1', source: { name: 'Dexcom (fingerstick)', type: 'unknown' }, flags: 1 },
    ])
  })

  it('are never made of what is out of range, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.record({
          value: fc.option(fc.oneof(fc.integer(), fc.double())),
          status: fc.option(fc.constantFrom('low', 'high', 'ok', 'unknown', 'x')),
          unit: fc.option(fc.constantFrom('mg/dL', 'mmol/L', 'unknown')),
        }),
        (more) => {
          const { observations, rejected } = normalize('egvs', [egv(more)])
          expect(observations.length + rejected.length).toBe(1)
          for (const one of observations) {
            expect(more.status ?? '').not.toMatch(/low|high/)
            expect((one as { value: number }).value).toBe(more.value)
          }
        },
      ),
    )
  })
})

describe('what the person entered', () => {
  it('becomes food, insulin, workouts, tags and notes', () => {
    const { observations, rejected } = normalize('events', [
      event('carbs', { recordId: '1', value: '45', unit: 'grams' }),
      event('insulin', { recordId: '2', value: 4.5, eventSubType: 'fastActing' }),
      event('exercise', { recordId: '3', value: '45', unit: 'minutes', eventSubType: 'heavy' }),
      event('health', { recordId: '4', value: '', eventSubType: 'highSymptoms' }),
      event('bloodGlucose', { recordId: '5', value: '110', unit: 'mg/dL' }),
      event('notes', { recordId: '6', value: 'Sick since noon' }),
    ])
    expect(rejected).toEqual([])
    const start = utc('2025-06-01T06:00:00Z')
    expect(observations).toMatchObject([
      { metric: 'carbohydrate_intake', value: 45, unit: 'g', start, offset: 120, flags: 1, recordId: 'event/1' },
      { metric: 'insulin', value: 4.5, unit: '[IU]' },
      { kind: 'workout', activity: 'other', vendorActivity: 'exercise (heavy)', start, end: start + 45 * 60_000 },
      { tag: 'high_symptoms' },
      { metric: 'glucose', value: 110, source: { name: 'Dexcom (fingerstick)' } },
      { tag: 'note', text: 'Sick since noon' },
    ])
  })

  it('is withdrawn where it was deleted, and replaced where it was changed', () => {
    expect(normalize('events', [event('carbs', { eventStatus: 'deleted' })]).observations).toEqual([
      { shape: 'deletion', recordId: 'event/e1' },
    ])
    expect(normalize('events', [event('carbs', { eventStatus: 'updated', value: '50' })]).observations).toMatchObject([
      { value: 50, recordId: 'event/e1' },
    ])
  })

  it('is set aside where it is not known or has no number', () => {
    const { observations, reasons } = normalize('events', [
      event('teleport'),
      event('carbs', { value: 'many' }),
      event('insulin', { value: null }),
      event('health', { eventSubType: 'unknown' }),
      event('notes', { value: '' }),
    ])
    expect(observations).toEqual([])
    expect(reasons).toEqual(['unknown_event', 'no_value', 'no_value', 'unknown_event', 'no_value'])
  })
})

describe('documents of Dexcom', () => {
  const documents = (value: unknown) => plugin.documents!(value, 'x.json')

  it('are known: pages of both versions, single records, ranges, and nobody else’s', () => {
    expect(documents({ recordType: 'events', recordVersion: '3.0', records: [1] })).toEqual([
      { collection: 'events', records: [1] },
    ])
    expect(documents({ recordType: 'device', records: [] })).toEqual([{ collection: 'devices', records: [] }])
    expect(documents(egv())).toMatchObject([{ collection: 'egvs' }])
    expect(documents([egv(), event('carbs')])).toMatchObject([{ collection: 'egvs' }, { collection: 'events' }])
    expect(documents({ some: 'thing' })).toBeNull()
    expect(documents([])).toBeNull()
    expect(documents(null)).toBeNull()
  })

  it('of the older version have their unit at the top', () => {
    const [payload] = documents({
      unit: 'mg/dL',
      rateUnit: 'mg/dL/min',
      egvs: [{ systemTime: '2018-02-06T09:12:35', displayTime: '2018-02-06T01:12:35', value: 122, status: null }],
    })!
    expect(normalize(payload!.collection, payload!.records).observations).toMatchObject([
      { value: 122, start: utc('2018-02-06T09:12:35Z'), offset: -480, recordId: 'egv/2018-02-06T09:12:35' },
    ])
  })

  it('that hold no measurement say so', () => {
    const [payload] = documents({ recordType: 'dataRange', userId: 'x', egvs: {} })!
    expect(normalize(payload!.collection, payload!.records).reasons).toEqual(['no_measurement'])
  })

  it('of the Share service have three clocks', () => {
    const share = (DT: string) => normalize('share', [{ DT, ST: '/Date(1700000000000)/', WT: '/Date(1)/', Value: 110 }])
    expect(share('/Date(1700000000000-0500)/').observations).toMatchObject([
      { start: 1_700_000_000_000, offset: -300, zoneBasis: 'carried' },
    ])
    expect(share('/Date(1700003600000+0000)/').observations).toMatchObject([{ offset: 60, zoneBasis: 'inferred' }])
    expect(share('/Date(1)/').observations).toMatchObject([{ offset: null, zoneBasis: 'absent' }])
    expect(normalize('share', [{ DT: 'x', ST: 'x', Value: 1 }]).reasons).toEqual(['time_unreadable'])
  })
})

const folder = shared('payloads', 'cgm-dexcom')
describe.skipIf(folder === null)('published and recorded answers', () => {
  const read = (name: string) =>
    plugin.documents!(JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')), name)!.map(({ collection, records }) =>
      normalize(collection, records),
    )

  it('each become something, or say why not', () => {
    for (const name of readdirSync(folder!)) {
      for (const { observations, rejected } of read(name))
        expect(observations.length + rejected.length, name).toBeGreaterThan(0)
    }
  })

  it('of the API: a reading that is low, and one that is a number', () => {
    const [made] = read('v3-egvs.json')
    expect(made?.reasons).toEqual(['out_of_range'])
    expect(made?.observations).toMatchObject([
      { value: 101, start: utc('2025-01-30T23:49:55Z'), offset: -480, zoneBasis: 'carried', recordId: 'egv/record-id' },
    ])
    expect(read('v3-dataRange.json')[0]?.reasons).toEqual(['no_measurement'])
  })

  it('of the Share service: 110 mg/dL at 03:13:43 UTC, where it was 23:13:43', () => {
    expect(read('share-reading.json')[0]?.observations).toMatchObject([
      { value: 110, unit: 'mg/dL', start: utc('2020-04-18T03:13:43Z'), offset: -240, zoneBasis: 'inferred' },
    ])
  })
})

describe('the CSV of Clarity', () => {
  const fileOf = (content: string, name = 'clarity.csv'): FileSource => {
    const bytes = Buffer.from(content)
    return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
  }
  const read = async (content: string, zone: string | null = 'Europe/Berlin') => {
    const ctx: FileContext = {
      account: 'robin',
      cursor: null,
      signal: new AbortController().signal,
      receivedAt: utc('2026-01-01T00:00:00Z'),
      zoneAt: () => zone,
    }
    const observations: ObservationInput[] = []
    const rejected: { item: unknown; reason: string; detail: string }[] = []
    for await (const step of plugin.file!.read(fileOf(content), ctx)) {
      observations.push(...step.observations)
      rejected.push(...step.rejected)
    }
    for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
    return { observations, rejected, reasons: rejected.map(({ reason }) => reason) }
  }
  const fixture = readFileSync(new URL('../fixtures/dexcom/clarity.csv', import.meta.url), 'utf8')
  const [header = ''] = fixture.split('\n')
  const glucose = (observations: ObservationInput[]) =>
    observations.flatMap((one) =>
      one.shape === 'sample' && one.metric === 'glucose' ? [[new Date(one.start).toISOString(), one.value]] : [],
    )

  it('is known by its columns', async () => {
    const knows = (text: string) => plugin.file!.recognises('x', Buffer.from(text), fileOf(text))
    expect(await knows(fixture)).toBe(true)
    expect(await knows('Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mg/dL\n')).toBe(false)
  })

  it('tells the two hours of autumn apart by the transmitter’s counter, though the rows are mixed', async () => {
    const { observations, reasons } = await read(fixture)
    expect(glucose(observations)).toEqual([
      ['2025-10-25T23:55:00.000Z', 100],
      ['2025-10-26T00:00:00.000Z', 101],
      ['2025-10-26T01:00:00.000Z', 113],
      ['2025-10-26T00:05:00.000Z', 102],
      ['2025-10-26T01:05:00.000Z', 114],
      ['2025-10-26T19:00:00.000Z', 120],
    ])
    // Low and High
    expect(reasons).toEqual(['out_of_range', 'out_of_range'])
  })

  it('has a meter’s glucose under either of its names, and sets no row aside that only says who it was', async () => {
    const row = (cells: Record<string, string>) =>
      header
        .split(',')
        .map((column) => cells[column.replace(/ \(YYYY.*/, '').trim()] ?? '')
        .join(',')
    const { observations, reasons } = await read(
      [
        header,
        row({ 'Event Type': 'PatientIdentifier', 'Patient Info': 'AB-1' }),
        row({ Timestamp: '2025-10-26T20:30:00', 'Event Type': 'Blood Glucose', 'Glucose Value (mg/dL)': '131' }),
      ].join('\n'),
    )
    expect(reasons).toEqual([])
    expect(observations).toMatchObject([
      { metric: 'glucose', value: 131, source: { name: 'Dexcom (fingerstick)' }, flags: 1 },
    ])
  })

  it('has what was entered, and nothing of who it was', async () => {
    const made = await read(fixture)
    expect(made.observations.slice(5)).toMatchObject([
      {
        metric: 'carbohydrate_intake',
        value: 45,
        start: utc('2025-10-26T06:30:00Z'),
        offset: 60,
        zoneBasis: 'floating',
      },
      { metric: 'insulin', value: 4.5 },
      { kind: 'workout', vendorActivity: 'exercise (heavy)', end: utc('2025-10-26T17:45:00Z') },
      { tag: 'high_symptoms' },
      { metric: 'glucose', value: 120, source: { name: 'Dexcom (fingerstick)' } },
    ])
    const { aside } = accept(made.observations, {
      provider: 'dexcom',
      account: 'a',
      receivedAt: utc('2026-01-01T00:00:00Z'),
      registry: {},
    })
    expect(aside).toEqual([])
    expect(made.observations[0]).toMatchObject({ source: { name: 'Dexcom G6', type: 'cgm' } })
    expect(JSON.stringify(made)).not.toMatch(/Robin|Example|1990|8XYZ12/)
  })

  it('tells them apart by the order of the rows where there is no counter', async () => {
    const row = (time: string, value: number) => `1,2025-10-26T${time}:00,EGV,,,,iOS G7,${value},,,,,,`
    const { observations } = await read(
      [header, row('01:55', 1e2), row('02:30', 101), row('02:55', 102), row('02:00', 103), row('03:00', 104)].join(
        '\n',
      ),
    )
    expect(glucose(observations).map(([at]) => at)).toEqual([
      '2025-10-25T23:55:00.000Z',
      '2025-10-26T00:30:00.000Z',
      '2025-10-26T00:55:00.000Z',
      '2025-10-26T01:00:00.000Z',
      '2025-10-26T02:00:00.000Z',
    ])
  })

  it('floats without a zone, and keeps one of two rows for the same reading', async () => {
    const row = '7,2025-10-26T12:00:00,EGV,,,,iPhone G6,101,,,,,7500,8XYZ12'
    const { observations, reasons } = await read([header, row, row.replace('iPhone', 'Android')].join('\n'), null)
    expect(observations).toMatchObject([{ start: utc('2025-10-26T12:00:00Z'), offset: null, zoneBasis: 'floating' }])
    expect(reasons).toEqual(['duplicate_reading'])
  })

  it('says what it cannot read', async () => {
    const { observations, reasons } = await read(
      `${header},Mood\n1,x,EGV,,,,,100,,,,,,,\n2,2025-10-26T12:00:00,EGV,,,,,oops,,,,,,,\n3,2025-10-26T12:05:00,EGV,,,,,,,,,,,,ok\n4,2025-10-26T12:10:00,Teleport,,,,,,,,,,,,\n5,2025-10-26T12:15:00,EGV,,,,,39,,,,,,,\n`,
    )
    expect(observations).toEqual([])
    expect(reasons).toEqual([
      'time_unreadable',
      'value_unreadable',
      'unknown_column',
      'no_value',
      'unknown_event',
      'out_of_range',
    ])
  })

  it('reads German in mmol/L with semicolons and decimal commas, Spanish, and Italian columns', async () => {
    const german = await read(
      'Index;Zeitstempel (JJJJ-MM-TTThh:mm:ss);Ereignistyp;Ereignisuntertyp;Patienteninfo;Geräteinfo;Quellgeräte-ID;Glukosewert (mmol/l);Insulinwert (IE);Kohlenhydratwert (Gramm);Dauer (hh:mm:ss)\n' +
        '10;2025-06-02T00:00:00;EGW;;;;iOS;5,8;;;\n11;2025-06-02T00:05:00;EGW;;;;iOS;Niedrig;;;\n',
    )
    expect(german.observations).toMatchObject([{ value: 5.8, unit: 'mmol/L', start: utc('2025-06-01T22:00:00Z') }])
    expect(german.reasons).toEqual(['out_of_range'])
    const spanish = await read(
      'Marca temporal (AAAA-MM-DDThh:mm:ss);Tipo de evento;Nivel de glucosa (mg/dl)\n2025-06-02T00:00:00;Niveles estimados de glucosa;104\n',
    )
    expect(spanish.observations).toMatchObject([{ value: 104, unit: 'mg/dL' }])
    const italian = await read(
      'Data e ora (AAAA-MM-GGThh:mm:ss);Tipo di evento;Valore del glucosio (mg/dL)\n2025-06-02T00:00:00;EGV;104\n2025-06-02T00:05:00;EGV;Basso\n',
    )
    expect(italian.observations).toHaveLength(1)
    expect(italian.reasons).toEqual(['out_of_range'])
  })
})
