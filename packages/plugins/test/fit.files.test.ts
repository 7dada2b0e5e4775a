import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FileContext, ImportStep, NormalizeContext, ObservationInput } from '@auren/core'
import FitParser from 'fit-file-parser'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { fit } from '../src/wearables/fit/index.js'
import { messagesOf } from '../src/wearables/fit/messages.js'
import { segmentsOf } from '../src/wearables/fit/segments.js'
import { fileOf, zipOf } from './apple-health-files.js'
import { readWhole as read, runOf } from './fit-files.js'

const at = (stamp: string): number => Date.parse(stamp)
const valuesOf = (observations: ObservationInput[], metric: string): number[] =>
  observations.flatMap((one) => (one.shape === 'sample' && one.metric === metric ? [one.value] : []))
const sessionsOf = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))

describe('files', () => {
  const plugin = fit()
  const context: FileContext = {
    account: 'a',
    cursor: null,
    signal: new AbortController().signal,
    receivedAt: Date.parse('2026-11-01T00:00:00Z'),
    zoneAt: () => null,
  }
  const knows = (file: ReturnType<typeof fileOf>, head: Uint8Array) => plugin.file!.recognises(file.name, head, file)
  const steps = async (file: ReturnType<typeof fileOf>): Promise<ImportStep[]> => {
    const list: ImportStep[] = []
    for await (const step of plugin.file!.read(file, context)) list.push(step)
    return list
  }

  it('knows a FIT file by what is in it, and a zip of nothing else', async () => {
    const bytes = runOf()
    expect(await knows(fileOf(bytes, 'download'), bytes)).toBe(true)
    const packed = gzipSync(bytes)
    expect(await knows(fileOf(packed, 'a.fit.gz'), packed)).toBe(true)
    expect(await knows(fileOf(packed, 'a.json.gz'), packed)).toBe(false)
    const zip = zipOf([{ name: 'a.fit', content: bytes }])
    expect(await knows(fileOf(zip, 'x.zip'), zip)).toBe(true)
    const other = zipOf([
      { name: 'a.fit', content: bytes },
      { name: 'activities.csv', content: Buffer.from('Activity ID\n') },
    ])
    expect(await knows(fileOf(other, 'x.zip'), other)).toBe(false)
    expect(await knows(fileOf('{}', 'x.fit'), Buffer.from('{}'))).toBe(false)
  })

  it('calls the device by its name, and imports alone, packed or zipped alike', async () => {
    const bytes = runOf()
    const [plain, packed, zipped] = await Promise.all(
      [
        fileOf(bytes, 'a.fit'),
        fileOf(gzipSync(bytes), 'a.fit.gz'),
        fileOf(zipOf([{ name: 'a.fit', content: bytes }]), 'a.zip'),
      ].map(steps),
    )
    expect(sessionsOf(plain?.[0]?.observations ?? [])[0]?.source).toEqual({ name: 'Garmin Fenix 5', type: 'watch' })
    expect(packed?.[0]?.observations).toEqual(plain?.[0]?.observations)
    expect(zipped?.[0]?.observations).toEqual(plain?.[0]?.observations)
  })

  it('reads messages that an app has decoded itself', () => {
    const bytes = runOf()
    const [segment] = segmentsOf(bytes, () => {})
    const messages = [...messagesOf(bytes, segment!, new Set([0, 18, 19, 20, 34]), () => {})]
    const payload = plugin.payload.parse(JSON.parse(JSON.stringify({ messages, device: 'Watch' })))
    const ctx: NormalizeContext = { receivedAt: 0, account: 'a', zoneAt: () => null, reject: () => {} }
    expect([...plugin.normalize(payload, ctx)]).toEqual(read(bytes).observations)
  })
})

const folder = shared('payloads', 'garmin-fit')
describe.skipIf(folder === null)('files of real devices and of other projects', () => {
  const load = (name: string): Buffer => readFileSync(join(folder as string, name))
  const rows = (name: string): (number | null)[][] =>
    load(name)
      .toString('utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map((field) => (field === 'null' || field === '' ? null : Number(field))))
  const recordsOf = (name: string) => {
    const bytes = load(name)
    return segmentsOf(bytes, () => {}).flatMap((segment) => [...messagesOf(bytes, segment, new Set([20]), () => {})])
  }

  it('decodes each record as the table beside the file says (compressed speed and distance)', () => {
    // The table leaves out the first record, which has only its time.
    const decoded = recordsOf('compressed-speed-distance.fit')
      .slice(1)
      .map(({ fields }) => fields)
    const table = rows('compressed-speed-distance-records.csv')
    expect(decoded).toHaveLength(table.length)
    const first = decoded.find((fields) => typeof fields[5] === 'number')?.[5] as number
    for (const [i, [time, rate, speed, , cadence]] of table.entries()) {
      expect([decoded[i]?.[253], decoded[i]?.[3] ?? null, decoded[i]?.[4] ?? null], `row ${i}`).toEqual([
        time,
        rate,
        cadence,
      ])
      if (speed !== null) expect((decoded[i]?.[6] as number) / 1000, `row ${i}`).toBeCloseTo(speed as number, 6)
      const metres = table[i]?.[3]
      if (metres != null) expect(((decoded[i]?.[5] as number) - first) / 100, `row ${i}`).toBeCloseTo(metres, 6)
    }
    const { observations, reasons } = read(load('compressed-speed-distance.fit'))
    // Its clock was never set.
    expect(observations).toEqual([])
    expect(reasons).toContain('time_unknown')
  })

  it('decodes each record as the table beside the file says (fenix 5)', () => {
    const decoded = recordsOf('garmin-fenix-5-run.fit').map(({ fields }) => fields)
    const table = load('garmin-fenix-5-run-records.csv').toString('utf8').trim().split('\n').slice(1)
    expect(decoded).toHaveLength(table.length)
    for (const [i, line] of table.entries()) {
      const [stamp, rate, cadence, speed, distance] = line.split(',') as [string, string, string, string, string]
      const [, month, day, clock, zone, year] = stamp.split(' ') as [string, string, string, string, string, string]
      const time = Date.parse(`${month} ${day} ${year} ${clock} ${zone}`) / 1000 - 631_065_600
      expect([decoded[i]?.[253], decoded[i]?.[3], decoded[i]?.[4]]).toEqual([time, Number(rate), Number(cadence)])
      expect(((decoded[i]?.[73] ?? decoded[i]?.[6]) as number) / 1000).toBeCloseTo(Number(speed), 6)
      expect((decoded[i]?.[5] as number) / 100).toBeCloseTo(Number(distance), 6)
    }
  })

  it.each(['12129115726_ACTIVITY.fit', 'Activity.fit', 'garmin-fenix-5-run.fit'])(
    'agrees with fit-file-parser on the heart rates and sessions of %s',
    async (name) => {
      const theirs = await new FitParser({ force: true, mode: 'list' }).parseAsync(Buffer.from(load(name)))
      const { observations } = read(load(name))
      const rates = (theirs.records ?? []).flatMap((one) => (one.heart_rate ? [one.heart_rate] : []))
      expect(valuesOf(observations, 'heart_rate')).toEqual(rates)
      expect(sessionsOf(observations).map(({ start, measures }) => [start, measures?.distance])).toEqual(
        (theirs.sessions ?? []).map((one) => [Number(new Date(String(one.start_time))), one.total_distance]),
      )
    },
  )

  it('reads the activity of a real watch', () => {
    const { observations } = read(load('12129115726_ACTIVITY.fit'))
    // 18:11 there is 00:11 in UTC: six hours west.
    expect(sessionsOf(observations)).toMatchObject([
      {
        start: at('2023-09-29T00:10:57Z'),
        end: at('2023-09-29T00:10:57Z') + 9676,
        activity: 'yoga',
        vendorActivity: 'Yoga',
        offset: -360,
        measures: { heart_rate: 87, heart_rate_max: 89, energy_active: 1 },
      },
    ])
  })

  it('reads a day of monitoring, of which another reader finds no times', () => {
    const { observations, reasons } = read(load('MonitoringFile.fit'))
    expect(reasons).toEqual([])
    const steps = observations.flatMap((one) => (one.shape === 'sample' && one.metric === 'steps' ? [one] : []))
    // 1571 and 15.5 cycles at the end of the day: 3142 and 31 steps.
    expect(steps.reduce((sum, { value }) => sum + value, 0)).toBe(3173)
    expect(steps[0]).toMatchObject({
      // 16 bits: 29172 comes 29460 s after the 65248 of 06:00, and 29412 four minutes later.
      start: at('2014-12-27T14:11:00Z'),
      end: at('2014-12-27T14:15:00Z'),
      value: 100,
      offset: -360,
    })
    expect(steps.at(-1)?.end).toBeLessThanOrEqual(at('2014-12-28T06:00:00Z'))
    for (const [i, one] of steps.entries()) expect(one.start).toBeGreaterThanOrEqual(steps[i - 1]?.end ?? 0)
    expect(valuesOf(observations, 'energy_active').reduce((a, b) => a + b, 0)).toBe(69)
  })

  it('holds out the scale of two persons, and names the field of an app', () => {
    expect(read(load('WeightScaleMultiUser.fit')).reasons).toEqual(['ambiguous_person'])
    const added = recordsOf('DeveloperData.fit').flatMap(({ developer = [] }) => developer)
    expect(added).toMatchObject([
      { name: 'doughnuts_earned', units: 'doughnuts', value: 1 },
      { name: 'doughnuts_earned', value: 2 },
      { name: 'doughnuts_earned', value: 3 },
    ])
  })

  it('keeps of damaged files what the whole one has', () => {
    const whole = read(load('Activity.fit'))
    expect(whole.reasons).toEqual([])
    expect(sessionsOf(whole.observations)).toMatchObject([
      { activity: 'running', offset: -240, measures: { distance: 5.73 } },
    ])
    const checksum = read(load('activity-filecrc.fit'))
    expect(checksum.reasons).toEqual(['fit_checksum'])
    expect(checksum.observations).toEqual(whole.observations)
    const header = read(load('activity-settings-corruptheader.fit'))
    expect(header.reasons).toEqual(['fit_corrupt', 'fit_checksum'])
    expect(header.observations).toEqual(whole.observations)
    // fit-file-parser gives nothing of this one.
    const cut = read(load('activity-unexpected-eof.fit'))
    expect(cut.reasons).toContain('fit_truncated')
    expect(valuesOf(cut.observations, 'speed')).toEqual(valuesOf(whole.observations, 'speed'))
  })
})
