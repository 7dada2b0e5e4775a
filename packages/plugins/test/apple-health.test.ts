import { readFileSync } from 'node:fs'
import path from 'node:path'
import { accept, checkPlugins, type ObservationInput } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { appleHealth } from '../src/wearables/apple-health/index.js'
import { quantities } from '../src/wearables/apple-health/types.js'
import { exportOf, fileOf, importAll, record, zipOf } from './apple-health-files.js'

const fixtures = path.resolve(import.meta.dirname, '../fixtures/apple-health')
const fixture = readFileSync(path.join(fixtures, 'export.xml'))
const expected = JSON.parse(readFileSync(path.join(fixtures, 'expected.json'), 'utf8'), (_key, value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? Date.parse(value) : value,
) as { observations: ObservationInput[]; rejected: { reason: string; item: unknown }[] }

describe('the export of an invented person', () => {
  it('means what was worked out by hand', async () => {
    const { observations, rejected, steps } = await importAll(fileOf(fixture))
    expect(observations).toEqual(expected.observations)
    expect(rejected.map(({ reason, item }) => ({ reason, item }))).toEqual(expected.rejected)
    expect(steps.at(-1)?.progress).toEqual({ bytes: fixture.length, total: fixture.length })
  })

  it('means the same when it is packed', async () => {
    const zip = zipOf([
      { name: 'apple_health_export/', content: '' },
      { name: 'apple_health_export/export_cda.xml', content: '<ClinicalDocument xmlns="urn:hl7-org:v3"/>' },
      { name: 'apple_health_export/Exportación.xml', content: fixture },
      { name: 'apple_health_export/workout-routes/route.gpx', content: '<gpx/>' },
    ])
    const { observations, rejected, steps } = await importAll(fileOf(zip, 'export.zip'))
    expect(observations).toEqual(expected.observations)
    expect(rejected.find((one) => (one.item as { name: string }).name === '.gpx')).toMatchObject({
      item: { count: 1 },
      reason: 'ignored',
    })
    expect(steps.at(-1)?.progress.total).toBe(fixture.length)
  })

  it('passes the checks of core, every unit of it', async () => {
    const { observations } = await importAll(fileOf(fixture))
    const receivedAt = Date.parse('2024-07-01T08:00:00Z')
    const checked = accept(observations, { provider: 'apple-health', account: 'robin', receivedAt })
    expect(checked.aside).toEqual([])
    expect(checked.accepted).toHaveLength(observations.length)
    // 160.5 lb × 0.45359237 kg
    expect(checked.accepted[0]).toMatchObject({ metric: 'weight', unit: 'kg', value: 72.801575385 })
  })

  it('is read alike from JSON', () => {
    const attributes = {
      type: 'HKQuantityTypeIdentifierVO2Max',
      sourceName: 'Robin’s Apple Watch',
      unit: 'mL/min·kg',
      creationDate: '2024-03-30 18:00:00 +0100',
      startDate: '2024-03-30 17:55:00 +0100',
      endDate: '2024-03-30 17:55:00 +0100',
      value: '44.31',
    }
    const plugin = appleHealth()
    const payload = plugin.payload.parse({ elements: [{ name: 'Record', attributes }] })
    const rejected: unknown[] = []
    const made = plugin.normalize(payload, {
      receivedAt: 0,
      account: 'robin',
      zoneAt: () => null,
      reject: (...all) => rejected.push(all),
    })
    expect([...made]).toEqual([expected.observations[7]])
    expect(rejected).toEqual([])
  })
})

describe('the plugin', () => {
  it('fits the contract', () => {
    // Alone it lacks storage, which is told only when every plugin is sound.
    expect(() => checkPlugins([appleHealth()])).toThrow(expect.objectContaining({ code: 'AUREN_CAPABILITY_MISSING' }))
  })

  it('recognises an export by what is in it', async () => {
    const recognises = async (name: string, content: string | Buffer) => {
      const bytes = Buffer.from(content)
      return (await appleHealth().file?.recognises(name, bytes.subarray(0, 65_536), fileOf(bytes, name))) ?? null
    }
    const xml = exportOf('')
    expect(await recognises('anything', xml)).toBe(true)
    expect(await recognises('anything', '<?xml version="1.0"?>\n<!DOCTYPE HealthData [')).toBe(true)
    expect(await recognises('x', zipOf([{ name: 'apple_health_export/导出.xml', content: xml }]))).toBe(true)
    expect(await recognises('export.zip', zipOf([{ name: 'a/导出.xml', content: xml }]))).toBe(true)
    expect(await recognises('export.zip', zipOf([{ name: 'a/export.xml', content: '<ClinicalDocument/>' }]))).toBe(
      false,
    )
    expect(await recognises('export.xml', '<ClinicalDocument/>')).toBe(false)
    expect(await recognises('export.zip', zipOf([{ name: 'Takeout/x.json', content: '' }]))).toBe(false)
    expect(await recognises('ring.json', '{"HealthData": 1}')).toBe(false)
    const broken = zipOf([{ name: 'apple_health_export/export.xml', content: xml }])
    expect(await recognises('export.zip', broken.subarray(0, broken.length - 40))).toBe(true)
  })

  /** Units in which iPhones write each type, by region and setting. */
  const units: Readonly<Record<string, readonly string[]>> = {
    'count/min': ['HeartRate', 'RestingHeartRate', 'WalkingHeartRateAverage', 'RespiratoryRate', 'CyclingCadence'],
    'count/s': ['HeartRate', 'RespiratoryRate'],
    ms: ['HeartRateVariabilitySDNN'],
    '%': ['OxygenSaturation', 'BodyFatPercentage', 'BloodAlcoholContent', 'AtrialFibrillationBurden'],
    degC: ['BodyTemperature', 'BasalBodyTemperature', 'AppleSleepingWristTemperature'],
    degF: ['BodyTemperature', 'BasalBodyTemperature', 'AppleSleepingWristTemperature'],
    mmHg: ['BloodPressureSystolic', 'BloodPressureDiastolic'],
    kPa: ['BloodPressureSystolic'],
    'mg/dL': ['BloodGlucose'],
    'mmol<180.1558800000541>/L': ['BloodGlucose'],
    count: ['StepCount', 'FlightsClimbed', 'BodyMassIndex', 'AppleSleepingBreathingDisturbances'],
    km: ['DistanceWalkingRunning', 'DistanceCycling'],
    mi: ['DistanceWalkingRunning', 'DistanceCycling'],
    m: ['DistanceSwimming', 'Height'],
    yd: ['DistanceSwimming'],
    kcal: ['ActiveEnergyBurned', 'BasalEnergyBurned', 'DietaryEnergyConsumed'],
    Cal: ['ActiveEnergyBurned', 'DietaryEnergyConsumed'],
    kJ: ['ActiveEnergyBurned', 'BasalEnergyBurned'],
    min: ['AppleExerciseTime', 'AppleStandTime', 'TimeInDaylight'],
    hr: ['AppleStandTime'],
    'kcal/hr·kg': ['PhysicalEffort'],
    kg: ['BodyMass', 'LeanBodyMass'],
    lb: ['BodyMass', 'LeanBodyMass'],
    st: ['BodyMass'],
    g: ['DietaryCarbohydrates', 'BodyMass'],
    cm: ['Height', 'WaistCircumference'],
    ft: ['Height'],
    in: ['WaistCircumference', 'Height'],
    'mL/min·kg': ['VO2Max'],
    mL: ['DietaryWater'],
    L: ['DietaryWater'],
    fl_oz_us: ['DietaryWater'],
    fl_oz_imp: ['DietaryWater'],
    cup_us: ['DietaryWater'],
    pt_us: ['DietaryWater'],
    pt_imp: ['DietaryWater'],
    mg: ['DietaryCaffeine'],
    mcg: ['DietaryCaffeine'],
    IU: ['InsulinDelivery'],
    dBASPL: ['EnvironmentalAudioExposure', 'HeadphoneAudioExposure'],
    W: ['CyclingPower', 'RunningPower'],
    'm/s': ['RunningSpeed'],
    'km/hr': ['RunningSpeed'],
    'mi/hr': ['RunningSpeed'],
  }

  it('hands on every type and unit of HealthKit in a form that core converts', async () => {
    const pairs = Object.entries(units).flatMap(([unit, types]) => types.map((type) => ({ unit, type })))
    const children = pairs.map(({ unit, type }) =>
      record({ type: `HKQuantityTypeIdentifier${type}`, unit, value: '1' }),
    )
    const { observations } = await importAll(fileOf(exportOf(children.join('\n'))))
    expect(observations).toHaveLength(pairs.length)
    const receivedAt = Date.parse('2024-07-01T08:00:00Z')
    const { aside } = accept(observations, { provider: 'apple-health', account: 'robin', receivedAt })
    expect(aside.filter(({ reason }) => reason !== 'hard_range')).toEqual([])
    const named = new Set(pairs.map(({ type }) => `HKQuantityTypeIdentifier${type}`))
    const unnamed = [...quantities.keys()].filter((type) => !named.has(type))
    expect(unnamed).toEqual(['HKQuantityTypeIdentifierHeartRateRecoveryOneMinute', 'HKStateOfMind'])
  })

  it('reads glucose in mmol by HealthKit’s molar mass, named or not', async () => {
    // HKUnitMolarMassBloodGlucose: 180.15588000005408 g/mol, so 5.5 mmol/L is 99.0857340000 mg/dL and not 99.088.
    const named = ['mmol&lt;180.1558800000541&gt;/L', 'mmol/L', 'mmol/l']
    const children = named.map((unit, minute) =>
      record({
        type: 'HKQuantityTypeIdentifierBloodGlucose',
        unit,
        value: '5.5',
        start: `2024-05-01 08:0${minute}:00 +0200`,
        end: `2024-05-01 08:0${minute}:00 +0200`,
      }),
    )
    const { observations } = await importAll(fileOf(exportOf(children.join(''))))
    const receivedAt = Date.parse('2024-07-01T08:00:00Z')
    const { accepted } = accept(observations, { provider: 'apple-health', account: 'robin', receivedAt })
    expect(accepted.map((held) => 'value' in held && held.value)).toEqual([99.085734, 99.085734, 99.085734])
  })

  it('reads every type of the healthkit column of the catalogue, or says why not', async () => {
    const csv = shared('catalogue', 'metrics.csv')
    if (csv === null) return
    const rows = readFileSync(csv, 'utf8').split('\n').slice(1)
    const types = new Set(rows.flatMap((row) => row.match(/HK(?:Quantity|Category)TypeIdentifier\w+/g) ?? []))
    expect(types.size).toBeGreaterThan(40)
    const children = [...types].map((type) => record({ type, value: '1', end: '2024-05-01 08:20:00 +0200' }))
    const { rejected } = await importAll(fileOf(exportOf(children.join(''))))
    expect(rejected).toEqual([])
  })
})

describe('exports of others', () => {
  const read = (name: string) => {
    const file = shared('payloads', 'apple-health', name)
    return file === null ? null : readFileSync(file)
  }

  it('reads the export of dogsheep', async () => {
    const bytes = read('dogsheep-export.xml')
    if (bytes === null) return
    const { observations, rejected } = await importAll(fileOf(bytes))
    expect(observations).toMatchObject([
      { metric: 'bmi', value: 22.5312, unit: 'kg/m2', start: Date.parse('2016-04-18T15:25:32Z'), offset: -420 },
      { metric: 'heart_rate', value: 72, source: { name: 'Apple\u00a0Watch', type: 'watch' } },
      // 2016-11-14 07:25:41 -0700 was 06:25:41 in Los Angeles, whose offset then was −8 h.
      {
        kind: 'workout',
        activity: 'running',
        start: Date.parse('2016-11-14T14:25:41Z'),
        offset: -480,
        zoneBasis: 'carried',
      },
    ])
    const run = observations[2] as Extract<ObservationInput, { shape: 'session' }>
    expect(run.measures?.distance).toBeCloseTo(0.4971749504535062 * 1609.344, 6)
    expect(rejected.map(({ reason, item }) => [reason, item])).toEqual([
      ['ignored', { name: 'Me', count: 1 }],
      ['ignored', { name: 'WorkoutRoute', count: 1 }],
      ['ignored', { name: 'ActivitySummary', count: 2 }],
    ])
  })

  it('reads the export of alxdrcirilo, packed as well', async () => {
    const [xml, zip] = [read('alxdrcirilo-export.xml'), read('alxdrcirilo-export.zip')]
    if (xml === null || zip === null) return
    const plain = await importAll(fileOf(xml))
    const packed = await importAll(fileOf(zip, 'export.zip'))
    expect(plain.observations).toHaveLength(8)
    expect(packed.observations).toEqual(plain.observations)
    expect(plain.observations.filter((one) => one.shape === 'session')).toMatchObject([
      { source: { name: "Alexandre's iPhone" }, stages: [{ stage: 'in_bed' }], measures: {}, offset: 60 },
      { source: { name: "Alexandre's Apple Watch" }, measures: { sleep_duration: 750, sleep_light: 750 } },
    ])
  })
})
