import { readFileSync } from 'node:fs'
import { accept, type FileSource, type ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sleepCycle } from '../src/wearables/sleep-cycle/index.js'
import { archiveOf } from './reading.js'

const plugin = sleepCycle()
const utc = Date.parse

const fileOf = (content: string | Uint8Array, name = 'sleepdata.csv'): FileSource => {
  const bytes = Buffer.from(content)
  return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
const archive = archiveOf(plugin)
const read = (content: string | Uint8Array, zone: string | null = 'Europe/Berlin') =>
  archive.read(fileOf(content), zone)
const knows = (content: string, name = 'x.csv') => archive.knows(fileOf(content, name))
const nights = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))
const samples = (observations: ObservationInput[], metric: string) =>
  observations.flatMap((one) => (one.shape === 'sample' && one.metric === metric ? [one.value] : []))
const tags = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'tag' ? [[one.tag, one.text ?? null, one.start]] : []))

const fixture = readFileSync(new URL('../fixtures/sleep-cycle/sleepdata.csv', import.meta.url), 'utf8')
const old = 'Start;End;Sleep quality;Time in bed;Wake up;Sleep Notes;Heart rate;Activity (steps)\n'
const newest =
  'Went to bed;Woke up;Sleep Quality;Time in bed (seconds);Time asleep (seconds);Asleep after (seconds);Regularity;Did snore;Snore time (seconds);Coughing (per hour);Steps;City;Breathing disruptions (per hour);Ambient noise (dB);Ambient light (lux);Alertness score;Alertness reaction time (seconds);Alertness accuracy;Movements per hour;Wake up window start;Wake up window stop\n'

describe('the export of Sleep Cycle', () => {
  it('is known by its columns, of each version of the app', async () => {
    expect(await knows(fixture, 'whatever.bin')).toBe(true)
    expect(await knows(old)).toBe(true)
    expect(await knows(newest)).toBe(true)
    expect(await knows('Start;End;Sleep quality;Time in bed;Wake up;Sleep Notes\n')).toBe(true)
    expect(await knows('Id;Tz;From;To;Sched;Hours;Rating\n')).toBe(false)
    expect(await knows('Start,End,Value\n2024-01-01,2024-01-02,1\n')).toBe(false)
  })

  it('is a night with its stages, in the zone of the person, by the offset of its end', async () => {
    const { observations, rejected } = await read(fixture)
    expect(rejected).toEqual([])
    expect(nights(observations)).toEqual([
      {
        shape: 'session',
        kind: 'sleep',
        start: utc('2026-03-27T21:30:00Z'),
        end: utc('2026-03-28T05:30:00Z'),
        offset: 60,
        zoneBasis: 'floating',
        recordId: 'night/2026-03-27T22:30:00',
        source: { name: 'Sleep Cycle', type: 'phone' },
        measures: {
          sleep_duration: 25_200,
          sleep_latency: 600,
          sleep_awake: 1800,
          sleep_light: 14_400,
          sleep_deep: 5400,
          sleep_rem: 5400,
        },
      },
      // The clock goes forward in this night: six and a half hours in bed.
      expect.objectContaining({
        start: utc('2026-03-28T22:30:00Z'),
        end: utc('2026-03-29T05:00:00Z'),
        offset: 120,
      }),
    ])
    expect(samples(observations, 'sleep-cycle.sleep_quality')).toEqual([82, 71])
    // A dash is no zero.
    expect(samples(observations, 'sleep-cycle.regularity')).toEqual([77])
    // Three digits behind a comma are a fraction here.
    expect(samples(observations, 'sleep-cycle.movements')).toEqual([4.233, 51.5])
    expect(samples(observations, 'sleep-cycle.snore_time')).toEqual([300, 0])
    expect(samples(observations, 'sleep-cycle.temperature_deviation')).toEqual([-0.2])
    // Zero is what stands where no pulse was taken.
    expect(samples(observations, 'heart_rate')).toEqual([58])
    expect(tags(observations)).toEqual([
      ['mood_good', null, utc('2026-03-28T05:30:00Z')],
      ['late_meal', 'Ate late', utc('2026-03-27T21:30:00Z')],
      ['drank_tea', 'Drank tea', utc('2026-03-27T21:30:00Z')],
      ['mood_ok', null, utc('2026-03-29T05:00:00Z')],
    ])
  })

  it('of the older app has hours and minutes in bed, faces, and no time asleep', async () => {
    const { observations, rejected } = await read(
      `${old}2014-11-01 23:01:43;2014-11-02 06:50:00;85%;7:49;:);Stressful day:Worked out;0;0\n` +
        '2014-11-02 22:10:00;2014-11-03 06:10:00;64%;8:00;:|;;61;0\n' +
        '2014-11-03 22:10:00;2014-11-04 06:10:00;100%;8:00;:(;;0;3000\n',
    )
    expect(rejected).toEqual([])
    expect(nights(observations)).toMatchObject([
      { start: utc('2014-11-01T22:01:43Z'), end: utc('2014-11-02T05:50:00Z'), measures: {} },
      {},
      {},
    ])
    expect(nights(observations)[0]?.measures).toEqual({})
    expect(tags(observations).map(([tag]) => tag)).toEqual(['mood_good', 'stress', 'worked_out', 'mood_ok', 'mood_bad'])
    expect(samples(observations, 'heart_rate')).toEqual([61])
    expect(samples(observations, 'sleep-cycle.sleep_quality')).toEqual([85, 64, 100])
  })

  it('of the newest app calls its columns otherwise', async () => {
    const { observations, rejected } = await read(
      `${newest}2026-08-20 23:10:00;2026-08-21 07:50:00;93%;31200;26400;3600;77%;false;0;0.5;0;;1.5;24.75;0.25;88%;0.31;90%;3.1;26-08-21 07:32:38;26-08-21 08:00:00\n` +
        '2026-08-21 22:57:00;2026-08-21 23:42:00;8%;2700;0;2700;58%;false;0;1.0;0;;0.0;25.4;0.0;;;;1.0;;\n',
    )
    expect(rejected).toEqual([])
    expect(nights(observations).map(({ measures }) => measures)).toEqual([
      { sleep_duration: 26_400, sleep_latency: 3600 },
      // Awake all the time: the app found no sleep.
      { sleep_duration: 0, sleep_latency: 2700 },
    ])
    for (const [metric, values] of [
      ['coughs', [0.5, 1]],
      ['breathing_disruptions', [1.5, 0]],
      ['ambient_noise', [24.75, 25.4]],
      ['ambient_light', [0.25, 0]],
      ['alertness', [88]],
      ['reaction_time', [0.31]],
    ] as const)
      expect(samples(observations, `sleep-cycle.${metric}`), metric).toEqual(values)
  })

  it('says no sleep where the app told none yet: zeros of an old night are not measured', async () => {
    const { observations } = await read(
      'Start;End;Sleep Quality;Awake (seconds);Dream (seconds);Light (seconds);Deep (seconds);Time in bed(seconds);Time asleep (seconds);Time before sleep (seconds);Snore time\n' +
        '2021-09-25 02:51:45;2021-09-25 09:21:36;67%;0;0;0;0;23391.127;0;0;0\n',
    )
    expect(nights(observations)).toMatchObject([{ measures: {} }])
    expect(nights(observations)[0]?.measures).toEqual({})
  })
})

describe('the hour that the clock shows twice', () => {
  const end = async (inBed: string) => {
    const { observations } = await read(`${old}2025-10-25 23:30:00;2025-10-26 02:30:00;80%;${inBed};;;0;0\n`)
    return nights(observations).map((one) => [new Date(one.end).toISOString(), one.offset])
  }
  const start = async (inBed: string) => {
    const { observations } = await read(`${old}2025-10-26 02:40:00;2025-10-26 07:00:00;80%;${inBed};;;0;0\n`)
    return nights(observations).map((one) => [new Date(one.start).toISOString(), one.offset])
  }

  it('is told apart by the time in bed, at the end of a night and at its beginning', async () => {
    expect(await end('3:00')).toEqual([['2025-10-26T00:30:00.000Z', 120]])
    expect(await end('4:00')).toEqual([['2025-10-26T01:30:00.000Z', 60]])
    expect(await start('5:20')).toEqual([['2025-10-26T00:40:00.000Z', 60]])
    expect(await start('4:20')).toEqual([['2025-10-26T01:40:00.000Z', 60]])
  })

  it('is the first where nothing tells', async () => {
    expect(await end('')).toEqual([['2025-10-26T00:30:00.000Z', 120]])
  })
})

describe('what is set aside', () => {
  it('is a row without times or that ends before it begins, and a number that is none; the rest goes on', async () => {
    const { observations, rejected } = await read(
      `${old}2014-11-01 23:01:43;1970-01-01 00:00:00;85%;7:49;;;0;0\n` +
        'yesterday;2014-11-02 06:50:00;85%;7:49;;;0;0\n' +
        '2014-11-02 23:00:00;2014-11-03 07:00:00;very good;8:00;;;0;0\n',
    )
    expect(rejected).toEqual(['row_unreadable', 'row_unreadable', 'value_unreadable'])
    expect(nights(observations)).toHaveLength(1)
    expect(samples(observations, 'sleep-cycle.sleep_quality')).toEqual([])
  })

  it('is a column that is not known, said once', async () => {
    const { rejected } = await read(
      'Start;End;Sleep quality;Time in bed;Moon phase\n' +
        '2014-11-01 23:00:00;2014-11-02 07:00:00;85%;8:00;full\n' +
        '2014-11-02 23:00:00;2014-11-03 07:00:00;85%;8:00;full\n',
    )
    expect(rejected).toEqual(['unknown_column'])
  })
})

describe('a night', () => {
  it('has the same name in an export of another version, and one of its own where it began twice', async () => {
    const [before] = nights((await read(`${old}2026-08-20 23:10:00;2026-08-21 07:50:00;93%;8:40;;;0;0\n`)).observations)
    const twice = nights(
      (
        await read(
          `${newest}2026-08-20 23:10:00;2026-08-21 07:50:00;93%;31200\n2026-08-20 23:10:00;2026-08-20 23:20:00;1%;600\n`,
        )
      ).observations,
    )
    expect(twice.map(({ recordId }) => recordId)).toEqual([before?.recordId, `${before?.recordId}/2`])
  })

  it('floats where no zone is known', async () => {
    const { observations } = await read(fixture, null)
    expect(nights(observations)[0]).toMatchObject({
      start: utc('2026-03-27T22:30:00Z'),
      offset: null,
      zoneBasis: 'floating',
    })
  })

  it('keeps notes of other scripts in one tag, with their words', async () => {
    const { observations } = await read(
      `${old}2026-08-20 23:10:00;2026-08-21 07:50:00;93%;8:40;:|;Пил чай:Чай x:Café tarde;0;0\n`,
    )
    expect(tags(observations).map(([tag, text]) => [tag, text])).toEqual([
      ['mood_ok', null],
      ['note', 'Пил чай\nЧай x'],
      ['cafe_tarde', 'Café tarde'],
    ])
  })

  it('is what the catalogue takes, whatever a row says', () => {
    const field = fc.oneof(
      fc.constantFrom('', '—', '85%', '7:49', '12,345', '1e309', ':)', 'Ate late:Ate late:Late snack'),
      fc.string({ maxLength: 30 }),
    )
    const header = [...old.trim().split(';'), 'Time asleep (seconds)', 'Dream (seconds)']
    fc.assert(
      fc.property(fc.array(field, { minLength: 10, maxLength: 10 }), (fields) => {
        const row: Record<string, string> = Object.fromEntries(header.map((name, i) => [name, fields[i] ?? '']))
        row.Start = '2026-03-28 23:30:00'
        row.End = '2026-03-29 07:00:00'
        const reasons: string[] = []
        const made = [
          ...plugin.normalize(
            { rows: [row] },
            {
              receivedAt: utc('2026-10-01T00:00:00Z'),
              account: 'a',
              zoneAt: () => 'Europe/Berlin',
              reject: (_item, reason) => reasons.push(reason),
            },
          ),
        ]
        const { accepted } = accept(made, {
          provider: 'sleep-cycle',
          account: 'a',
          receivedAt: utc('2026-10-01T00:00:00Z'),
          registry: plugin.metrics ?? {},
        })
        expect(accepted.filter((one) => one.shape === 'session')).toHaveLength(1)
        expect(new Set(reasons).size).toBeLessThanOrEqual(1)
      }),
      { numRuns: 200 },
    )
  })
})
