import type { ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportOf, fileOf, importAll, importChildren, record } from './apple-health-files.js'

const quantity = (name: string) => `HKQuantityTypeIdentifier${name}`
const entry = (key: string, value: string) => `<MetadataEntry key="${key}" value="${value}"/>`
type Sample = Extract<ObservationInput, { shape: 'sample' }>
type Session = Extract<ObservationInput, { shape: 'session' }>
const samples = async (children: string) => (await importChildren(children)).observations as Sample[]
const sessions = async (children: string) =>
  (await importChildren(children)).observations.filter((one): one is Session => one.shape === 'session')

describe('values', () => {
  it('are per cent, whether a fraction or a percentage was written', async () => {
    const written = [
      ['OxygenSaturation', '0.97', 97],
      ['OxygenSaturation', '1', 100],
      ['OxygenSaturation', '97', 97],
      ['OxygenSaturation', '0.29', 29],
      ['BodyFatPercentage', '0.234', 23.4],
      ['BodyFatPercentage', '23.4', 23.4],
      ['BloodAlcoholContent', '0.0008', 0.08],
      ['BloodAlcoholContent', '0.08', 0.08],
      ['AtrialFibrillationBurden', '0.02', 2],
    ] as const
    const read = await samples(
      written.map(([type, value]) => record({ type: quantity(type), value, unit: '%' })).join(''),
    )
    expect(read.map(({ value }) => value)).toEqual(written.map(([, , percent]) => percent))
  })

  it('keep the unit that was measured in, of the same thing in different regions', async () => {
    const read = await samples(
      record({ type: quantity('BodyMass'), unit: 'lb', value: '160' }) +
        record({ type: quantity('BodyTemperature'), unit: 'degF', value: '98.6' }) +
        record({ type: quantity('Height'), unit: 'ft', value: '5.9' }),
    )
    expect(read.map(({ value, unit }) => [value, unit])).toEqual([
      [160, '[lb_av]'],
      [98.6, '[degF]'],
      [5.9, '[ft_i]'],
    ])
  })

  it('that are no numbers are set aside, the first twenty one by one', async () => {
    const { observations, rejected } = await importChildren(record({ value: 'many' }).repeat(50) + record())
    expect(observations).toHaveLength(1)
    expect(rejected).toHaveLength(21)
    expect(rejected[0]).toMatchObject({ reason: 'value_invalid', item: { element: 'Record' } })
    expect(rejected[20]).toMatchObject({ reason: 'value_invalid', item: { count: 30 } })
  })
})

describe('time', () => {
  it('is of the zone that the record names, else of the phone that exported', async () => {
    const read = await samples(
      record({ children: entry('HKTimeZone', 'America/New_York') }) +
        record() +
        record({ children: entry('HKTimeZone', 'Nowhere/Land') }),
    )
    expect(read.map(({ start, offset, zoneBasis }) => [start, offset, zoneBasis])).toEqual([
      [Date.parse('2024-05-01T06:00:00Z'), -240, 'carried'],
      [Date.parse('2024-05-01T06:00:00Z'), 120, 'inferred'],
      [Date.parse('2024-05-01T06:00:00Z'), 120, 'inferred'],
    ])
  })

  it('that cannot be is set aside', async () => {
    const { observations, rejected } = await importChildren(
      record({ start: '2024-13-01 08:00:00 +0200' }) +
        record({ start: '2024-05-01 08:00:00 +0200', end: '2024-05-01 07:00:00 +0200' }),
    )
    expect(observations).toEqual([])
    expect(rejected.map(({ reason }) => reason)).toEqual(['date_invalid', 'interval_negative'])
  })
})

describe('sources', () => {
  it('are named by sourceName alone', async () => {
    const device = (address: string) =>
      `&lt;&lt;HKDevice: ${address}&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,7&gt;`
    const read = await samples(
      record({ device: device('0x3012772a0') }) +
        record({ device: device('0x2800000ff') }) +
        record({ source: 'Strava', device: device('0x1') }) +
        record({ source: 'Zoë &amp; Łukasz’s iPhone' }) +
        record({ source: 'Oura' }) +
        record({ source: '' }),
    )
    expect(read.map(({ source }) => [source.name, source.type])).toEqual([
      ['Robin’s Apple Watch', 'watch'],
      ['Robin’s Apple Watch', 'watch'],
      ['Strava', 'watch'],
      ['Zoë & Łukasz’s iPhone', 'phone'],
      ['Oura', 'ring'],
      ['unknown', 'app'],
    ])
  })

  it('tolerate a device whose brackets are not escaped', async () => {
    const [one] = await samples(record({ device: '<<HKDevice: 0x1>, name:Apple Watch>', source: 'Komoot' }))
    expect(one?.source).toEqual({ name: 'Komoot', type: 'watch' })
  })

  it('say when the person typed it in', async () => {
    const read = await samples(
      record({ children: entry('HKWasUserEntered', '1') }) + record({ children: entry('HKWasUserEntered', '0') }),
    )
    expect(read.map(({ flags }) => flags)).toEqual([1, undefined])
  })
})

describe('what is written twice', () => {
  it('counts once: the records of a correlation are children of the root as well', async () => {
    const pressure =
      record({ type: quantity('BloodPressureSystolic'), unit: 'mmHg', value: '120' }) +
      record({ type: quantity('BloodPressureDiastolic'), unit: 'mmHg', value: '80' })
    const { observations, rejected } = await importChildren(
      `${pressure}<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="x" startDate="a" endDate="b">${pressure}</Correlation>`,
    )
    expect(observations).toHaveLength(2)
    expect(rejected).toEqual([])
  })
})

describe('what is not read', () => {
  it('is told by type with a count, at the end', async () => {
    const unknown = record({ type: quantity('Elsewhere') })
    const { rejected } = await importChildren(unknown.repeat(5000) + record({ type: '' }))
    expect(rejected.map(({ reason, item }) => [reason, item])).toEqual([
      ['unknown_type', { name: quantity('Elsewhere'), count: 5000 }],
      ['unknown_type', { name: 'Record without a type', count: 1 }],
    ])
  })

  it('does not grow with the number of names', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => record({ type: `HKQuantityTypeIdentifierX${i}` }))
    const { rejected } = await importChildren(many.join(''))
    expect(rejected).toHaveLength(501)
    expect(rejected.at(-1)).toMatchObject({ item: { name: 'others', count: 2500 } })
  })
})

const sleepType = 'HKCategoryTypeIdentifierSleepAnalysis'
const minutes = (n: number) => `2024-05-${n < 1440 ? '01' : '02'} ${clock(n % 1440)} +0200`
const clock = (n: number) => `${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00`
const at = (n: number) => Date.parse('2024-05-01T00:00:00+02:00') + n * 60_000
const segment = (from: number, to: number, stage: string, source = 'Robin’s Apple Watch', created?: string) =>
  record({
    type: sleepType,
    source,
    unit: '',
    start: minutes(from),
    end: minutes(to),
    value: /^\d$/.test(stage) ? stage : `HKCategoryValueSleepAnalysis${stage}`,
    ...(created === undefined ? {} : { created }),
  })

describe('sleep', () => {
  it('is one session per source and night, in whatever order its segments come', async () => {
    const parts = [
      segment(1380, 1400, 'AsleepCore'),
      segment(1400, 1460, 'AsleepDeep'),
      segment(1460, 1470, 'Awake'),
      segment(1470, 1600, 'AsleepREM'),
      segment(1370, 1620, 'InBed', 'Robin’s iPhone'),
      segment(1690, 1700, 'AsleepCore', 'Robin’s iPhone'),
    ]
    const sorted = (all: Session[]) => [...all].sort((a, b) => (a.source.name < b.source.name ? -1 : 1))
    const first = sorted(await sessions(parts.join('')))
    expect(first).toMatchObject([
      { source: { type: 'watch' }, measures: { sleep_duration: 12_600, sleep_awake: 600, sleep_deep: 3600 } },
      // Seventy minutes without a segment do not end it.
      { source: { type: 'phone' }, start: at(1370), end: at(1700), measures: { sleep_duration: 600 } },
    ])
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(parts, { minLength: parts.length }), async (shuffled) => {
        expect(sorted(await sessions(shuffled.join('')))).toEqual(first)
      }),
      { numRuns: 30 },
    )
  })

  it('ends with a pause of ninety minutes, not with a shorter one', async () => {
    const apart = (pause: number) => sessions(segment(60, 120, 'AsleepCore') + segment(120 + pause, 300, 'AsleepCore'))
    expect(await apart(89)).toHaveLength(1)
    expect(await apart(90)).toHaveLength(2)
  })

  it('counts no minute twice where segments of one source overlap', async () => {
    const [night] = await sessions(
      segment(0, 480, 'InBed') +
        segment(20, 460, 'AsleepUnspecified') +
        segment(100, 130, 'Awake') +
        segment(200, 260, 'AsleepDeep'),
    )
    expect(night?.stages?.map(({ stage, start, end }) => [stage, start - at(0), end - at(0)])).toEqual(
      [
        ['in_bed', 0, 20],
        ['asleep_unspecified', 20, 100],
        ['awake', 100, 130],
        ['asleep_unspecified', 130, 200],
        ['deep', 200, 260],
        ['asleep_unspecified', 260, 460],
        ['in_bed', 460, 480],
      ].map(([stage, from, to]) => [stage, Number(from) * 60_000, Number(to) * 60_000]),
    )
    expect(night?.measures).toEqual({
      sleep_duration: 410 * 60,
      sleep_deep: 3600,
      sleep_light: 0,
      sleep_rem: 0,
      sleep_awake: 1800,
      sleep_latency: 1200,
      sleep_efficiency: (100 * 410) / 480,
    })
  })

  it('lets what was written later hold where two stages contradict each other', async () => {
    const [night] = await sessions(
      segment(0, 60, 'AsleepDeep', 'x', '2024-05-02 09:00:00 +0200') +
        segment(0, 60, 'AsleepCore', 'x', '2024-05-02 08:00:00 +0200'),
    )
    expect(night?.measures).toMatchObject({ sleep_deep: 3600, sleep_light: 0, sleep_duration: 3600 })
  })

  it('knows the words of today, those of before iOS 16, and the codes', async () => {
    const words = ['AsleepCore', 'AsleepDeep', 'AsleepREM', 'AsleepUnspecified', 'Asleep', 'Awake', 'InBed']
    const codes = ['3', '4', '5', '1', '1', '2', '0']
    const stagesOf = async (names: string[]) =>
      (await sessions(names.map((name, i) => segment(i * 10, i * 10 + 10, name)).join('')))[0]?.stages
    expect((await stagesOf(words))?.map(({ stage }) => stage)).toEqual([
      'light',
      'deep',
      'rem',
      'asleep_unspecified',
      'awake',
      'in_bed',
    ])
    expect(await stagesOf(codes)).toEqual(await stagesOf(words))
    const { rejected } = await importChildren(segment(0, 10, '9') + segment(0, 10, 'Dozing') + segment(10, 10, 'Awake'))
    expect(rejected.map(({ reason }) => reason)).toEqual(['stage_unknown', 'stage_unknown', 'interval_empty'])
  })

  it('takes no stage of more than a day for a night', async () => {
    const long = record({ type: sleepType, value: '0', end: '2024-05-03 08:00:00 +0200' })
    const { observations, rejected } = await importChildren(long)
    expect(observations).toEqual([])
    expect(rejected).toMatchObject([{ reason: 'interval_too_long' }])
  })

  it('is never longer than a day, and none is lost when many are open', async () => {
    const day = (n: number) => `2024-05-${String(1 + n).padStart(2, '0')}`
    const inBed = Array.from({ length: 72 }, (_, i) =>
      record({
        type: sleepType,
        value: '0',
        start: `${day(Math.floor(i / 24))} ${clock((i % 24) * 60)} +0200`,
        end: `${day(Math.floor((i + 1) / 24))} ${clock(((i + 1) % 24) * 60)} +0200`,
      }),
    )
    const days = await sessions(inBed.join(''))
    expect(days.map(({ start, end }) => (end - start) / 3_600_000)).toEqual([24, 24, 24])
    const many = Array.from({ length: 20 }, (_, i) =>
      [0, 1].map((part) =>
        record({
          type: sleepType,
          source: `app ${i % 2}`,
          value: 'HKCategoryValueSleepAnalysisAsleepCore',
          start: `${day(i)} 0${part}:00:00 +0200`,
          end: `${day(i)} 0${part + 1}:00:00 +0200`,
        }),
      ),
    )
    // In file order by app, its nights from the last to the first.
    const mixed = await sessions([...many].reverse().flat().join(''))
    expect(mixed.map(({ start }) => start).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => Date.parse(`${day(i)}T00:00:00+02:00`)),
    )
    expect(mixed.every(({ measures }) => measures?.sleep_duration === 7200)).toBe(true)
  })

  it('has lengths in real time over the change of clocks, and the offset of waking', async () => {
    const [night] = await sessions(
      record({
        type: sleepType,
        value: 'HKCategoryValueSleepAnalysisAsleepCore',
        start: '2024-10-27 00:00:00 +0200',
        end: '2024-10-27 06:00:00 +0100',
        children: entry('HKTimeZone', 'Europe/Berlin'),
      }),
    )
    expect(night).toMatchObject({ measures: { sleep_duration: 7 * 3600 }, offset: 60, zoneBasis: 'carried' })
  })
})

describe('other categories', () => {
  it('are minutes of mindfulness, and flow that grows with its code', async () => {
    const flow = (value: string) => record({ type: 'HKCategoryTypeIdentifierMenstrualFlow', value })
    const read = await samples(
      record({ type: 'HKCategoryTypeIdentifierMindfulSession', value: '', end: '2024-05-01 08:07:30 +0200' }) +
        flow('HKCategoryValueMenstrualFlowNone') +
        flow('HKCategoryValueVaginalBleedingHeavy') +
        flow('5') +
        flow('3'),
    )
    expect(read.map(({ metric, value, unit }) => [metric, value, unit])).toEqual([
      ['mindful_minutes', 7.5, 'min'],
      ['menstrual_flow', 0, 'code'],
      ['menstrual_flow', 4, 'code'],
      ['menstrual_flow', 0, 'code'],
      ['menstrual_flow', 3, 'code'],
    ])
  })
})

const workout = (attributes: string, children: string, type = 'Running') =>
  `<Workout workoutActivityType="HKWorkoutActivityType${type}" sourceName="Robin’s Apple Watch" ${attributes} startDate="2024-05-01 18:00:00 +0200" endDate="2024-05-01 18:40:00 +0200">${children}</Workout>`
const statistics = (type: string, rest: string) => `<WorkoutStatistics type="${quantity(type)}" ${rest}/>`

describe('workouts', () => {
  it('have the same totals in the old form and in the new', async () => {
    const [old] = await sessions(
      workout('totalDistance="8.5" totalDistanceUnit="km" totalEnergyBurned="610" totalEnergyBurnedUnit="kcal"', ''),
    )
    const [modern] = await sessions(
      workout(
        '',
        statistics('DistanceWalkingRunning', 'sum="8.5" unit="km"') +
          statistics('ActiveEnergyBurned', 'sum="610" unit="kcal"'),
      ),
    )
    expect(old?.measures).toEqual({ distance: 8500, energy_active: 610 })
    expect(modern?.measures).toEqual(old?.measures)
  })

  it('do not take zero totals of the old form for measured, nor the legs of a multisport twice', async () => {
    const [yoga] = await sessions(
      workout(
        'totalDistance="0" totalDistanceUnit="km" totalEnergyBurned="90" totalEnergyBurnedUnit="kcal"',
        '',
        'Yoga',
      ),
    )
    expect(yoga).toMatchObject({ activity: 'yoga', measures: { energy_active: 90 } })
    expect(yoga?.measures).not.toHaveProperty('distance')
    const leg = (from: string, to: string) =>
      `<WorkoutActivity uuid="1" startDate="${from}" endDate="${to}">${statistics('ActiveEnergyBurned', 'sum="1" unit="kcal"')}</WorkoutActivity>`
    const [tri] = await sessions(
      workout(
        '',
        leg('2024-05-01 18:00:00 +0200', '2024-05-01 18:20:00 +0200') +
          leg('2024-05-01 18:20:00 +0200', '2024-05-01 18:40:00 +0200') +
          statistics('ActiveEnergyBurned', 'sum="300" unit="kcal"'),
        'SwimBikeRun',
      ),
    )
    expect(tri).toMatchObject({ activity: 'triathlon', measures: { energy_active: 300 } })
    expect(tri?.laps).toHaveLength(2)
  })

  it('have laps with a duration, and laps between presses of the button', async () => {
    const lap = (date: string, rest = '') => `<WorkoutEvent type="HKWorkoutEventTypeLap" date="${date}" ${rest}/>`
    const [measured] = await sessions(
      workout(
        '',
        lap('2024-05-01 18:00:00 +0200', 'duration="12.5" durationUnit="min"') +
          '<WorkoutEvent type="HKWorkoutEventTypeSegment" date="2024-05-01 18:00:00 +0200" duration="9" durationUnit="min"/>',
      ),
    )
    const start = Date.parse('2024-05-01T18:00:00+02:00')
    expect(measured?.laps).toEqual([{ start, end: start + 750_000 }])
    const [pressed] = await sessions(
      workout(
        '',
        lap('2024-05-01 18:25:00 +0200') + lap('2024-05-01 18:10:00 +0200') + lap('2024-05-01 19:10:00 +0200'),
      ),
    )
    expect(pressed?.laps?.map(({ start: from, end }) => (end - from) / 60_000)).toEqual([10, 15, 15])
  })

  it('are of the activity that the type and the place name', async () => {
    const named = async (type: string, children = '') => (await sessions(workout('', children, type)))[0]?.activity
    expect(await named('Running')).toBe('running')
    expect(await named('Cycling', entry('HKIndoorWorkout', '1'))).toBe('indoor_cycling')
    expect(await named('Swimming', entry('HKSwimmingLocationType', '2'))).toBe('open_water_swimming')
    expect(await named('TraditionalStrengthTraining')).toBe('strength_training')
    expect(await named('HighIntensityIntervalTraining')).toBe('high_intensity_interval_training')
    expect(await named('MixedMetabolicCardioTraining')).toBe('mixed_cardio')
    expect(await named('SwimBikeRun')).toBe('triathlon')
    expect(await named('SomethingNew')).toBe('something_new')
  })

  it('have means in the unit of their metric', async () => {
    const [run] = await sessions(
      workout(
        '',
        statistics('RunningSpeed', 'average="12" unit="km/hr"') +
          statistics('RunningPower', 'average="240" unit="W"') +
          statistics('HeartRate', 'average="150" minimum="99" maximum="171" unit="count/min"') +
          entry('HKElevationAscended', '6575 cm') +
          entry('HKAverageMETs', '8.3 kcal/hr·kg'),
      ),
    )
    expect(run?.measures).toEqual({
      speed: 3.33333333333,
      power: 240,
      heart_rate: 150,
      heart_rate_max: 171,
      elevation_gained: 65.75,
      met: 8.3,
    })
  })
})

describe('an export with nothing in it', () => {
  it('is whole, in both forms', async () => {
    for (const root of ['<HealthData locale="en_US"></HealthData>', '<HealthData/>', '<HealthData locale="/" />\n'])
      expect(await importAll(fileOf(root))).toMatchObject({ observations: [], rejected: [], steps: [{}] })
  })
})

describe('characters', () => {
  it('that XML forbids and iOS writes do no harm', async () => {
    const text = exportOf(record({ source: 'a\x0bb', children: entry('note', 'x\x0b\x00\x1fy') }))
    const { observations, rejected } = await importAll(fileOf(text))
    expect(observations).toMatchObject([{ source: { name: 'a b' } }])
    expect(rejected).toEqual([])
  })

  it('are those of UTF-8, with a byte order mark and with bytes that are none', async () => {
    const marked = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(exportOf(record({ source: '手表 ⌚' }))),
    ])
    expect((await importAll(fileOf(marked))).observations).toMatchObject([{ source: { name: '手表 ⌚' } }])
    const bad = Buffer.from(exportOf(record({ source: 'caf\u00e9 \u2019' })), 'latin1')
    const { observations, rejected } = await importAll(fileOf(bad))
    expect(observations).toHaveLength(1)
    expect(rejected).toEqual([])
    const references = await importChildren(record({ source: '&#8217;&#233;&#x1F3C3;' }))
    expect(references.observations).toMatchObject([{ source: { name: '’é🏃' } }])
  })

  it('of UTF-16 are refused with what to do', async () => {
    const wide = Buffer.from(`\ufeff${exportOf(record())}`, 'utf16le')
    await expect(importAll(fileOf(wide))).rejects.toMatchObject({
      code: 'AUREN_PAYLOAD_INVALID',
      message: expect.stringContaining('UTF-8'),
    })
  })
})
