import { readFileSync } from 'node:fs'
import { type FileSource, type ImportStep, Observation, type ObservationInput } from '@auren/core'
import { arm } from '@auren/core/testing'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { csv } from '../src/wearables/csv/index.js'
import { openRig, pieces, type Rig } from './ingest-rig.js'

const plugin = csv()
const fixture = (name: string) => readFileSync(new URL(`../fixtures/csv/${name}`, import.meta.url))
const source = (text: string | Buffer): FileSource => {
  const bytes = Buffer.from(text)
  return { name: 'data.csv', size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) }
}
async function read(text: string | Buffer, options: unknown, zone: string | null = null) {
  const steps: ImportStep[] = []
  const ctx = { account: 'me', cursor: null, signal: new AbortController().signal, receivedAt: 0, zoneAt: () => zone }
  const given = options === undefined ? ctx : { ...ctx, options }
  for await (const step of plugin.file!.read(source(text), given)) steps.push(step)
  const observations: ObservationInput[] = steps.flatMap((step) => step.observations)
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected: steps.flatMap((step) => step.rejected.map(({ reason }) => reason)) }
}
const refusal = (text: string, options: unknown): Promise<string> =>
  read(text, options).then(
    () => 'was read',
    (error: Error) => error.message,
  )
const weights = { time: 'Date', columns: { Weight: { metric: 'weight', unit: 'kg' } } }

describe('the hour that the clock shows twice', () => {
  const hhmm = ['02:30', '02:45', '02:00', '02:15', '02:30', '02:45', '03:00', '03:15']
  const first = Date.parse('2026-10-25T00:30:00Z')
  const quarter = 900_000
  const expected = hhmm.slice(1).map((_, i) => [first + i * quarter, first + (i + 1) * quarter, i + 10])
  const rows = hhmm.slice(1).map((end, i) => `2026-10-25,${hhmm[i]},${end},${i + 10},A`)
  const timesOf = (observations: ObservationInput[]) =>
    observations.map((one) => (one.shape === 'sample' ? [one.start, one.end, one.value] : []))
  const whole = {
    time: { column: 'From', date: 'Date' },
    end: { column: 'To', date: 'Date' },
    columns: { Steps: { metric: 'steps' } },
  }
  const head = 'Date,From,To,Steps,Device\n'

  it.each([
    ['by the profile', {}, 'Europe/Berlin', 'floating'],
    ['by the mapping', { zone: 'Europe/Berlin' }, null, 'carried'],
    ['by each source for itself', { source: { column: 'Device' } }, 'Europe/Berlin', 'floating'],
  ])('has each interval in its own, %s', async (_, more, zone, zoneBasis) => {
    const { observations, rejected } = await read(`${head}${rows.join('\n')}\n`, { ...whole, ...more }, zone)
    expect(rejected).toEqual([])
    expect(timesOf(observations)).toEqual(expected)
    expect(observations.map((one) => 'offset' in one && one.offset)).toEqual([120, 120, 60, 60, 60, 60, 60])
    expect(new Set(observations.map((one) => 'zoneBasis' in one && one.zoneBasis))).toEqual(new Set([zoneBasis]))
    const backwards = await read(`${head}${rows.toReversed().join('\n')}\n`, { ...whole, ...more }, zone)
    expect(timesOf(backwards.observations).toReversed()).toEqual(expected)
  })

  it('does not take what two devices say of one minute for two hours', async () => {
    const text = 'T,Steps,Device\n2026-10-25 02:45,1,A\n2026-10-25 02:45,2,B\n2026-10-25 02:40,3,B\n'
    const mapping = { time: 'T', source: { column: 'Device' }, columns: { Steps: { metric: 'steps' } } }
    const { observations } = await read(text, mapping, 'Europe/Berlin')
    expect(timesOf(observations).map(([at]) => new Date(at as number).toISOString().slice(11, 16))).toEqual([
      '00:45',
      '00:45',
      '01:40',
    ])
  })

  it('ends a night in the second where it began in the first', async () => {
    const text = 'Start,End\n2026-10-25 02:45,2026-10-25 02:15\n'
    const { observations, rejected } = await read(text, { sleep: { start: 'Start', end: 'End' } }, 'Europe/Berlin')
    expect(rejected).toEqual([])
    expect(observations).toMatchObject([
      { start: Date.parse('2026-10-25T00:45:00Z'), end: Date.parse('2026-10-25T01:15:00Z') },
    ])
  })
})

it('takes an interval that ends in the minute that it begins in for an instant, and not for a day', async () => {
  const time = { time: { column: 'From', date: 'Date' }, end: { column: 'To', date: 'Date' } }
  const { observations } = await read(
    'Date,From,To,Steps\n2026-05-01,10:15,10:15,20\n2026-05-01,23:50,00:10,30\n',
    { ...time, columns: { Steps: { metric: 'steps' } } },
    'UTC',
  )
  expect(observations).toMatchObject([
    { start: Date.parse('2026-05-01T10:15:00Z'), value: 20 },
    { start: Date.parse('2026-05-01T23:50:00Z'), end: Date.parse('2026-05-02T00:10:00Z'), value: 30 },
  ])
  expect(observations[0]).not.toHaveProperty('end')
})

describe('wide tables', () => {
  it('with days first and decimal commas, clock beside date, words as notes', async () => {
    const { observations, rejected } = await read(
      fixture('scale.csv'),
      JSON.parse(fixture('scale.mapping.json').toString()) as unknown,
    )
    const common = { source: { name: 'Bathroom scale', type: 'scale' }, offset: 120, zoneBasis: 'carried' }
    // 07:10 in Berlin in April is 05:10 in UTC. The third of April, for there is no thirteenth month.
    const [first, second] = [Date.parse('2026-04-03T05:10:00Z'), Date.parse('2026-04-13T05:05:00Z')]
    expect(observations).toEqual([
      { shape: 'sample', metric: 'weight', value: 71.4, unit: 'kg', start: first, ...common },
      { shape: 'sample', metric: 'body_fat', value: 18.2, unit: '%', start: first, ...common },
      { shape: 'tag', tag: 'note', text: 'nach dem Lauf', start: first, ...common },
      { shape: 'sample', metric: 'weight', value: 71.1, unit: 'kg', start: second, ...common },
    ])
    expect(rejected).toEqual([])
  })

  it.each([
    ['offsets in the times', 'Date,Weight\n2026-04-03T07:10:00+05:30,71', {}, '2026-04-03T01:40:00Z', 330, 'carried'],
    ['the person’s zone', 'Date,Weight\n2026-04-03 07:10,71', {}, '2026-04-03T11:10:00Z', -240, 'floating'],
    [
      'a column of offsets',
      'Date,Weight,TZ\n2026-04-03 07:10,71,+10:30',
      { zone: { column: 'TZ' } },
      '2026-04-02T20:40:00Z',
      630,
      'carried',
    ],
    [
      'a column of zones',
      'Date,Weight,TZ\n2026-04-03 07:10,71,Asia/Kolkata',
      { zone: { column: 'TZ' } },
      '2026-04-03T01:40:00Z',
      330,
      'carried',
    ],
    ['seconds', 'Date,Weight\n1775200200,71', { format: 'unix' }, '2026-04-03T07:10:00Z', null, 'absent'],
    [
      'milliseconds',
      'Date,Weight\n1775200200000,71',
      { format: 'unix_ms', zone: 'Asia/Kolkata' },
      '2026-04-03T07:10:00Z',
      330,
      'carried',
    ],
    [
      'months first, as told',
      'Date,Weight\n04/03/2026 7:10 AM,71',
      { order: 'mdy', zone: 'UTC' },
      '2026-04-03T07:10:00Z',
      0,
      'carried',
    ],
    [
      'tabs and a byte order mark',
      '\ufeffDate\tWeight\n2026-04-03 07:10\t71',
      { zone: 'UTC' },
      '2026-04-03T07:10:00Z',
      0,
      'carried',
    ],
    [
      'the hour that is left out',
      'Date,Weight\n2026-03-29 02:30,71',
      { zone: 'Europe/Berlin' },
      '2026-03-29T01:30:00Z',
      120,
      'carried',
    ],
  ])('with %s', async (_name, text, more, start, offset, zoneBasis) => {
    const { observations } = await read(text, { ...weights, ...more }, 'America/New_York')
    expect(observations).toMatchObject([{ value: 71, start: Date.parse(start), offset, zoneBasis }])
  })

  it('of whole days, and of intervals', async () => {
    const steps = { columns: { Steps: { metric: 'steps' } } }
    expect(
      (await read('Day,Steps\n2026-04-03,"12,345"\n2026-04-04,0', { day: 'Day', ...steps })).observations,
    ).toMatchObject([
      { shape: 'daily_total', metric: 'steps', date: '2026-04-03', value: 12_345, unit: '{steps}' },
      { date: '2026-04-04', value: 0 },
    ])
    expect(
      (await read('From,To,Steps\n2026-04-03T08:00Z,2026-04-03T08:15Z,812', { time: 'From', end: 'To', ...steps }))
        .observations,
    ).toMatchObject([{ start: Date.parse('2026-04-03T08:00Z'), end: Date.parse('2026-04-03T08:15Z'), value: 812 }])
  })

  it('keep the rows around a broken one, and say which it was without its value', async () => {
    const steps: ImportStep[] = []
    const text =
      'Date,Weight\n2026-04-03T07:00Z,71\nsoon,72\n2026-04-03T08:00Z,heavy\n2026-04-03T09:00Z,n/a\n2026-04-03T10:00Z,70'
    const ctx = { account: 'me', cursor: null, signal: new AbortController().signal, receivedAt: 0, zoneAt: () => null }
    for await (const step of plugin.file!.read(source(text), { ...ctx, options: weights })) steps.push(step)
    expect(steps.flatMap(({ observations }) => observations)).toMatchObject([{ value: 71 }, { value: 70 }])
    const rejected = steps.flatMap((step) => step.rejected)
    expect(rejected.map(({ reason }) => reason)).toEqual(['time_unreadable', 'number_unreadable'])
    expect(JSON.stringify(rejected)).toContain('Line 3')
    expect(JSON.stringify(rejected)).not.toContain('heavy')
  })

  it('give every number back, however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 300, max: 2000 }), { minLength: 1, maxLength: 20 }),
        async (tenths) => {
          const rows = tenths.map(
            (value, i) => `2026-04-03T07:${String(i).padStart(2, '0')}Z;"${Math.floor(value / 10)},${value % 10}"`,
          )
          const { observations } = await read(`Date;Weight\n${rows.join('\n')}`, { ...weights, decimal: ',' })
          expect(observations.map((o) => (o.shape === 'sample' ? o.value : null))).toEqual(
            tenths.map((value) => value / 10),
          )
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('long tables, nights, workouts', () => {
  it('name what is measured in one column and have it in another', async () => {
    const mapping = {
      source: { column: 'Device', type: 'watch' },
      time: 'At',
      record: 'Id',
      version: 'Changed',
      long: {
        name: 'Type',
        value: 'Value',
        unit: 'Unit',
        metrics: { HR: { metric: 'heart_rate' }, Mass: { metric: 'weight', unit: 'kg' } },
      },
    }
    const { observations, rejected } = await read(
      'Id,At,Type,Value,Unit,Device,Changed\n1,2026-04-03T07:00Z,HR,61,bpm,Band,5\n2,2026-04-03T07:00Z,Mass,157,lb,,6\n3,2026-04-03T07:00Z,Aura,9,,,7',
      mapping,
    )
    expect(observations).toMatchObject([
      {
        metric: 'heart_rate',
        value: 61,
        unit: 'bpm',
        recordId: '1',
        version: 5,
        source: { name: 'Band', type: 'watch' },
      },
      { metric: 'weight', value: 157, unit: 'lb', recordId: '2', source: { name: 'csv' } },
    ])
    expect(rejected).toEqual(['not_mapped'])
  })

  it('put a night that ends after midnight, and all of its row, on the day of its end', async () => {
    const mapping = {
      source: 'Diary',
      zone: 'Europe/Berlin',
      sleep: {
        start: { column: 'Bed', date: 'Evening' },
        end: { column: 'Up', date: 'Evening' },
        measures: { 'Deep (min)': { metric: 'sleep_deep', unit: 'min' } },
        nap: 'Nap',
      },
      columns: { RHR: { metric: 'resting_heart_rate' } },
      tags: { Wine: { tag: 'alcohol' } },
    }
    // The night in which the clock goes forward: 23:00 to 07:00 is seven hours.
    const { observations } = await read(
      'Evening;Bed;Up;Deep (min);Nap;RHR;Wine\n28.03.2026;23:00;07:00;80;;52;2\n29.03.2026;;;;;;\n30.03.2026;14:00;14:30;;yes;;',
      mapping,
    )
    expect(observations).toMatchObject([
      {
        kind: 'sleep',
        start: Date.parse('2026-03-28T22:00:00Z'),
        end: Date.parse('2026-03-29T05:00:00Z'),
        offset: 120,
        measures: { sleep_deep: 4800 },
      },
      { metric: 'resting_heart_rate', value: 52, start: Date.parse('2026-03-29T05:00:00Z') },
      { shape: 'tag', tag: 'alcohol', value: 2 },
      { kind: 'sleep', nap: true, start: Date.parse('2026-03-30T12:00:00Z') },
    ])
    expect(observations).toHaveLength(4)
  })

  it('read workouts with their activity', async () => {
    const { observations } = await read('Start,End,Sport,Km\n2026-04-03T07:00Z,2026-04-03T08:00Z,Jogging,10.2', {
      workout: {
        start: 'Start',
        end: 'End',
        activity: { column: 'Sport' },
        measures: { Km: { metric: 'distance', unit: 'km' } },
      },
    })
    expect(observations).toMatchObject([
      { kind: 'workout', activity: 'running', vendorActivity: 'Jogging', measures: { distance: 10_200 } },
    ])
  })
})

describe('a mapping that is not right', () => {
  const text = 'Date,Weight,Pulse\n2026-04-03T07:00Z,71,60'
  it('is told what is wrong and what is possible', async () => {
    expect(await refusal(text, { time: 'Date', columns: { Weigth: { metric: 'weight' } } })).toBe(
      "There is no column 'Weigth'. Did you mean Weight? There are: 'Date', 'Weight', 'Pulse'.",
    )
    expect(await refusal(text, { time: 'Date', columns: { Pulse: { metric: 'hart_rate' } } })).toContain(
      "columns.Pulse: metric 'hart_rate' is not in the catalogue. Did you mean heart_rate?",
    )
    expect(await refusal(text, { time: 'Date', columns: { Weight: { metric: 'weight', unit: 'stones' } } })).toMatch(
      /unit 'stones' is none of weight\. It can be given in: kg, .*lb/,
    )
    expect(await refusal(text, { ...weights, zone: 'Europe/Berlim' })).toContain("'Europe/Berlim' is no time zone")
    expect(await refusal(text, { ...weights, colums: {} })).toMatch(
      /there is no key 'colums'\. There are: source, time/,
    )
    expect(await refusal(text, { columns: { Weight: { metric: 'weight' } } })).toContain('name the column of times')
    expect(await refusal(text, { time: 'Date', columns: { Weight: { metric: 'sleep_deep' } } })).toContain(
      'a part of a night',
    )
    expect(await refusal(text, { time: 'Date' })).toContain('nothing is mapped')
  })

  it('or missing is answered with one for the columns that are recognised', async () => {
    const message = await refusal('Datum;Uhrzeit;Gewicht (kg);Puls;Laune\n03.04.2026;07:00;71,2;60;gut', undefined)
    expect(message).toContain("Not recognised: 'Laune'.")
    const mapping = JSON.parse(/\{.*\}(?=( Not|$))/.exec(message)?.[0] ?? '') as unknown
    expect(mapping).toEqual({
      source: 'my device',
      time: { column: 'Uhrzeit', date: 'Datum' },
      columns: { 'Gewicht (kg)': { metric: 'weight', unit: 'kg' }, Puls: { metric: 'heart_rate' } },
    })
    // It is ready to use.
    expect(
      (await read('Datum;Uhrzeit;Gewicht (kg);Puls;Laune\n03.04.2026;07:00;71,2;60;gut', mapping)).observations,
    ).toMatchObject([{ value: 71.2 }, { value: 60 }])
  })

  it('takes tables only', async () => {
    const is = (head: string | Buffer) => plugin.file!.recognises('x', Buffer.from(head), source(head))
    expect(await is('a,b\n1,2')).toBe(true)
    for (const other of ['{"a": [1,2]}', '<xml a="1,2">', 'PK\u0003\u0004\0\0,\0;', 'one word', ''])
      expect(await is(other)).toBe(false)
  })
})

it('reads rows that an app has at hand', () => {
  const ctx = { receivedAt: 0, account: 'me', zoneAt: () => null, reject: () => undefined }
  const payload = plugin.payload.parse({ mapping: weights, rows: [{ Date: '2026-04-03T07:00Z', Weight: '71' }] })
  expect([...plugin.normalize(payload, ctx)]).toMatchObject([{ metric: 'weight', value: 71 }])
})

it('finds the order of day and month over all rows that an app has at hand', () => {
  const normalize = (dates: string[], receivedAt = 0) => {
    const mapping = { day: 'Date', columns: { Steps: { metric: 'steps' } } }
    const payload = plugin.payload.parse({ mapping, rows: dates.map((day) => ({ Date: day, Steps: '7' })) })
    const ctx = { receivedAt, account: 'me', zoneAt: () => null, reject: (_: unknown, reason: string) => void reason }
    return [...plugin.normalize(payload, ctx)].map((one) => 'date' in one && one.date)
  }
  expect(normalize(['03/04/2026', '03/14/2026'])).toEqual(['2026-03-04', '2026-03-14'])
  expect(normalize(['3/14/26'])).toEqual(['2026-03-14'])
  // The third of April is yet to come.
  expect(normalize(['03/04/2026'], Date.parse('2026-03-05T00:00:00Z'))).toEqual(['2026-03-04'])
})

describe('an import', () => {
  const open: Rig[] = []
  let disarm: () => void = () => undefined
  afterEach(async () => {
    disarm()
    for (const rig of open.splice(0)) await rig.close()
  })
  const made = async (): Promise<Rig> => {
    const rig = await openRig({ plugins: [csv()] })
    open.push(rig)
    return rig
  }
  const rows = Array.from(
    { length: 4500 },
    (_, i) => `${new Date(Date.UTC(2025, 0, 1) + i * 60_000).toISOString()};${60 + (i % 40)};9`,
  )
  const table = Buffer.from(`Date;Pulse;Other\n${rows.join('\n')}`)
  const mapping = { source: 'Chest', time: 'Date', columns: { Pulse: { metric: 'heart_rate' } } }
  const load = (rig: Rig, options: unknown, plugin: 'csv' | 'auto' = 'csv') =>
    rig.auren.ingest.file(plugin as never, pieces(table), { userId: 'ada', name: 'pulse.csv', options })

  it('keeps its mapping with the job, and a failed try is gone on with as it was begun', async () => {
    const rig = await made()
    let fired = 0
    disarm = arm(
      'import:step-after-commit',
      () => {
        fired++
        throw new Error('the process went away')
      },
      1,
    )
    await expect(load(rig, mapping)).rejects.toThrow()
    expect(fired).toBe(1)
    const [stopped] = await rig.auren.ingest.imports.list('ada')
    expect(stopped?.state).toBe('dead')
    const job = await rig.journal.transaction((tx) => rig.journal.getJob(tx, stopped?.id as string))
    expect(job?.payload).toMatchObject({ plugin: 'csv', options: mapping })
    expect(await load(rig, mapping)).toMatchObject({
      state: 'done',
      duplicate: false,
      progress: { observations: 4500 },
    })
    const [stored] = await rig.query<{ n: string }>('select sum(n) as n from auren.chunks where user_id = $1', ['ada'])
    expect(Number(stored?.n)).toBe(4500)
  })

  it('goes on at a cursor with the same mapping, and makes the same of the file', async () => {
    const context = { account: 'me', signal: new AbortController().signal, receivedAt: 0, zoneAt: () => null }
    const whole = await read(table, mapping)
    for await (const first of plugin.file!.read(source(table), { ...context, cursor: null, options: mapping })) {
      const rest: ObservationInput[] = []
      const from = { ...context, cursor: first.cursor, options: mapping }
      for await (const step of plugin.file!.read(source(table), from)) rest.push(...step.observations)
      expect(first.observations.length).toBeLessThan(4500)
      expect([...first.observations, ...rest]).toEqual(whole.observations)
      break
    }
  })

  it('of the same file with the same mapping changes nothing, and with another reads it anew', async () => {
    const rig = await made()
    await load(rig, mapping)
    expect(await load(rig, mapping)).toMatchObject({ duplicate: true })
    const other = await load(rig, { ...mapping, columns: { Other: { metric: 'stand_minutes' } } })
    expect(other).toMatchObject({ duplicate: false, progress: { observations: 4500 } })
  })

  it('is refused before anything is sent where the mapping is wrong, and where nobody asked for one', async () => {
    const rig = await made()
    const begin = (plugin: string | undefined, options: unknown) =>
      rig.auren.ingest.uploads.begin('ada', { name: 'a', options, ...(plugin ? { plugin } : {}) })
    await expect(begin('csv', { time: 'Date', columns: { Pulse: { metric: 'hart_rate' } } })).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
      message: expect.stringContaining('Did you mean heart_rate?') as string,
    })
    await expect(begin('apple-health', {})).rejects.toThrow('Files of apple-health are read without options.')
    await expect(begin(undefined, {})).rejects.toThrow('an unnamed plugin')
    expect(await rig.auren.ingest.imports.list('ada')).toEqual([])
  })

  it('without a mapping says one', async () => {
    const rig = await made()
    await expect(load(rig, undefined, 'auto')).rejects.toThrow(/"Pulse":\{"metric":"heart_rate"\}/)
  })
})
