import { type ExportLine, exportFormats, Observation } from '@auren/core'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const at = (stamp: string): number => Date.parse(stamp)
const watch = { name: 'Robin’s watch', type: 'watch' } as const
const line = (item: object): ExportLine => ({ type: 'observation', item: { provider: 'apple-health', ...item } })
const common = { source: watch, offset: 120, zoneBasis: 'carried', receivedAt: at('2026-04-02T00:00:00Z') } as const

async function write(format: string, observations: readonly ExportLine[], more: readonly ExportLine[] = []) {
  const lines: ExportLine[] = [
    { type: 'auren', v: 2, user: 'robin', at: at('2026-04-10T12:00:00Z') },
    { type: 'profile', profile: { birthDate: '1990-05-01', sex: 'female' } },
    ...observations,
    ...more,
  ]
  const from = async function* () {
    yield* lines
  }
  let text = ''
  for await (const chunk of exportFormats[format]?.write(from()) ?? []) text += chunk
  return text
}
interface Bundle {
  resourceType: string
  type: string
  timestamp: string
  entry: { fullUrl: string; resource: Record<string, unknown> & { id: string } }[]
}
const fhir = async (...args: Parameters<typeof write> extends [string, ...infer R] ? R : never) =>
  JSON.parse(await write('fhir', ...args)) as Bundle
const about = ({ entry }: Bundle, n: number) => entry[n]?.resource as Record<string, unknown>

const pulse = line({
  ...common,
  shape: 'sample',
  metric: 'heart_rate',
  start: at('2026-03-29T01:30:00Z'),
  value: 61,
  unit: '/min',
  recordId: 'r1',
})
const walk = line({
  ...common,
  shape: 'sample',
  metric: 'steps',
  start: at('2026-03-29T10:00:00Z'),
  end: at('2026-03-29T10:10:00Z'),
  value: 1000,
  unit: '{steps}',
  offset: -210,
  flags: 1,
})
const total = line({
  ...common,
  shape: 'daily_total',
  metric: 'steps',
  date: '2026-03-29',
  value: 9000,
  unit: '{steps}',
})
const night = line({
  ...common,
  shape: 'session',
  kind: 'sleep',
  start: at('2026-03-28T22:00:00Z'),
  end: at('2026-03-29T05:00:00Z'),
  measures: { sleep_duration: 24_600 },
  stages: [{ stage: 'deep', start: at('2026-03-28T22:00:00Z'), end: at('2026-03-28T23:00:00Z') }],
})
const drink = line({
  ...common,
  shape: 'tag',
  tag: 'alcohol',
  start: at('2026-03-28T20:00:00Z'),
  text: '=HYPERLINK("http://evil.example")\u0007, two glasses',
})

describe('a FHIR R4 bundle', () => {
  it('has the person, and each measurement with its code, unit, time and device', async () => {
    const bundle = await fhir([pulse, walk, total])
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'collection', timestamp: '2026-04-10T12:00:00.000Z' })
    const [patient] = bundle.entry
    expect(patient?.resource).toEqual({
      resourceType: 'Patient',
      id: patient?.resource.id,
      gender: 'female',
      birthDate: '1990-05-01',
    })
    expect(about(bundle, 1)).toEqual({
      resourceType: 'Observation',
      id: bundle.entry[1]?.resource.id,
      meta: { source: 'urn:auren:provider:apple-health' },
      identifier: [{ system: 'urn:auren:record:apple-health', value: 'r1' }],
      status: 'final',
      category: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
        },
      ],
      code: {
        coding: [
          { system: 'http://loinc.org', code: '8867-4' },
          { system: 'urn:auren:metric', code: 'heart_rate' },
        ],
        text: 'heart rate',
      },
      effectiveDateTime: '2026-03-29T03:30:00.000+02:00',
      valueQuantity: { value: 61, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
      subject: { reference: patient?.fullUrl },
      issued: '2026-04-02T00:00:00.000Z',
      device: { type: 'Device', display: 'Robin’s watch' },
    })
    expect(about(bundle, 2)).toMatchObject({
      effectivePeriod: { start: '2026-03-29T06:30:00.000-03:30', end: '2026-03-29T06:40:00.000-03:30' },
      method: { text: 'entered by the person' },
    })
    expect(about(bundle, 3)).toMatchObject({ effectiveDateTime: '2026-03-29', valueQuantity: { value: 9000 } })
  })

  it('has nights with what they hold, and tags with their words', async () => {
    const bundle = await fhir([night, drink])
    expect(about(bundle, 1)).toMatchObject({
      code: { coding: [{ system: 'http://loinc.org', code: '93832-4' }, { code: 'sleep' }] },
      effectivePeriod: { start: '2026-03-29T00:00:00.000+02:00', end: '2026-03-29T07:00:00.000+02:00' },
      valueQuantity: { value: 25_200, code: 's' },
      component: [
        { code: { coding: [{ code: '93832-4' }, { code: 'sleep_duration' }] }, valueQuantity: { value: 24_600 } },
        { code: { coding: [{ code: 'deep' }] }, valuePeriod: { end: '2026-03-29T01:00:00.000+02:00' } },
      ],
    })
    expect(about(bundle, 2)).toMatchObject({
      code: { text: 'alcohol' },
      valueBoolean: true,
      note: [{ text: '=HYPERLINK("http://evil.example") , two glasses' }],
    })
  })

  it('says what it has no place for, and is a bundle with nothing in it, too', async () => {
    const empty = await fhir([])
    expect(empty.entry).toHaveLength(1)
    const bundle = await fhir(
      [pulse],
      [
        { type: 'memory', item: {} },
        { type: 'memory', item: {} },
        { type: 'turn', item: {} },
      ],
    )
    expect(bundle.entry.at(-1)?.resource).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', diagnostics: 'Not in this bundle: 2 × memory, 1 × turn.' }],
    })
  })

  it('names the same measurement alike each time, and no two alike', async () => {
    const [one, two] = [await fhir([pulse, walk, total, night, drink]), await fhir([drink, pulse, total, walk, night])]
    const ids = (bundle: Bundle) => bundle.entry.map(({ fullUrl }) => fullUrl)
    expect(ids(one).toSorted()).toEqual(ids(two).toSorted())
    expect(new Set(ids(one)).size).toBe(6)
    for (const id of ids(one))
      expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

const sample = fc.record({
  shape: fc.constant('sample' as const),
  metric: fc.constantFrom('heart_rate', 'weight', 'glucose', 'menstrual_flow', 'own.metric'),
  start: fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  unit: fc.constantFrom('/min', 'kg', 'code', '1'),
  source: fc.record({ name: fc.string({ minLength: 1, maxLength: 50 }), type: fc.constant('watch' as const) }),
  offset: fc.option(fc.integer({ min: -1080, max: 1080 })),
  zoneBasis: fc.constantFrom('carried' as const, 'absent' as const, 'floating' as const),
})

describe('whatever is stored', () => {
  it('is at its instant in both formats, and nothing of it breaks a line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { maxLength: 8 }), async (samples) => {
        for (const one of samples) Observation.parse(one)
        const lines = samples.map((one) => line(one))
        const bundle = await fhir(lines)
        const found = bundle.entry.slice(1).map(({ resource }) => Date.parse(String(resource.effectiveDateTime)))
        expect(found).toEqual(samples.map(({ start }) => start))
        // FHIR knows no offset beyond 14 hours.
        for (const { resource } of bundle.entry.slice(1))
          expect(resource.effectiveDateTime).toMatch(
            /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/,
          )
        const rows = parse(await write('csv', lines), { columns: true }) as Record<string, string>[]
        expect(rows.map(({ start }) => Date.parse(start ?? ''))).toEqual(samples.map(({ start }) => start))
        expect(rows.map(({ value }) => Number(value))).toEqual(samples.map(({ value }) => value + 0))
        for (const { device = '' } of rows) expect(device).not.toMatch(/^[=+\-@\t\r]/)
      }),
    )
  })
})

describe('a table', () => {
  it('has a row for each measurement, with parts of a night as rows of their own, and runs nothing', async () => {
    const rows = parse(await write('csv', [pulse, total, night, drink]), { columns: true }) as Record<string, string>[]
    expect(rows.map(({ shape, name, value, unit }) => [shape, name, value, unit])).toEqual([
      ['sample', 'heart_rate', '61', '/min'],
      ['daily_total', 'steps', '9000', '{steps}'],
      ['session', 'sleep', '25200', 's'],
      ['session measure', 'sleep_duration', '24600', 's'],
      ['session stage', 'deep', '3600', 's'],
      ['tag', 'alcohol', '', ''],
    ])
    expect(rows[0]).toMatchObject({
      start: '2026-03-29T01:30:00.000Z',
      end: '',
      offset: '120',
      zone_basis: 'carried',
      device: 'Robin’s watch',
      provider: 'apple-health',
      record_id: 'r1',
      received_at: '2026-04-02T00:00:00.000Z',
    })
    expect(rows[1]).toMatchObject({ date: '2026-03-29', start: '' })
    expect(rows[5]?.text).toBe('\'=HYPERLINK("http://evil.example")\u0007, two glasses')
  })
})
