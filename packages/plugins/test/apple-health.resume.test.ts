import type { FileSource, ImportStep, ObservationInput } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateAppleExport } from '../../../bench/generate/apple-export.js'
import { appleHealth } from '../src/wearables/apple-health/index.js'
import { contextOf, exportOf, fileOf, importAll, record, zipOf } from './apple-health-files.js'

/** Everything that is read when the import dies after the steps at these places, its cursor being kept as JSON. */
async function withStops(file: FileSource, stops: readonly number[]): Promise<{ all: ImportStep[]; resumed: number }> {
  const all: ImportStep[] = []
  let cursor: unknown = null
  let resumed = 0
  for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
    let steps = 0
    for await (const step of appleHealth().file?.read(file, contextOf(cursor)) ?? []) {
      all.push(step)
      cursor = JSON.parse(JSON.stringify(step.cursor))
      if (++steps >= stop) break
    }
    if (steps > 0) resumed++
  }
  return { all, resumed }
}
const observationsOf = (steps: readonly ImportStep[]): ObservationInput[] => steps.flatMap((step) => step.observations)
const rejectedOf = (steps: readonly ImportStep[]) => steps.flatMap((step) => step.rejected)

/** Four months of an invented person, with damage and unknown types strewn in. */
const text = (() => {
  const pieces = [...generateAppleExport({ months: 0.5, seed: 3 })].join('')
  let n = 0
  return pieces.replace(/ <Record /g, (tag) => {
    n++
    if (n % 997 === 0) return `<Record type="broken"<Record bad=x/>${tag}`
    return n % 499 === 0
      ? `<Record type="HKQuantityTypeIdentifierNew${n % 3}"/><!-- ${'-'.repeat(n % 50)}> -->${tag}`
      : tag
  })
})()

describe('an import that dies after any step', () => {
  const plain = fileOf(text)
  const packed = fileOf(zipOf([{ name: 'apple_health_export/export.xml', content: text }]), 'export.zip')

  it.each([
    ['export.xml', plain, 12],
    ['export.zip', packed, 4],
  ] as const)('goes on from its cursor as if nothing had been: %s', async (_, file, numRuns) => {
    const undisturbed = await withStops(file, [])
    expect(undisturbed.all.length).toBeGreaterThan(4)
    const observations = observationsOf(undisturbed.all)
    const sleep = observations.filter((one) => one.shape === 'session' && one.kind === 'sleep')
    expect(sleep.length).toBeGreaterThan(20)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 }), async (stops) => {
        const { all, resumed } = await withStops(file, stops)
        expect(resumed).toBeGreaterThan(1)
        expect(observationsOf(all)).toEqual(observations)
        expect(rejectedOf(all)).toEqual(rejectedOf(undisturbed.all))
      }),
      { numRuns },
    )
  })

  it('goes on in the middle of a night, wherever the bytes are cut', async () => {
    const minute = (n: number) =>
      `2024-05-0${1 + Math.floor(n / 1440)} ${String(Math.floor((n % 1440) / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00 +0200`
    const stages = ['AsleepCore', 'AsleepDeep', 'Awake', 'AsleepREM']
    const segments = Array.from({ length: 40 }, (_, i) =>
      record({
        type: 'HKCategoryTypeIdentifierSleepAnalysis',
        start: minute(1300 + i * 10),
        end: minute(1310 + i * 10),
        value: `HKCategoryValueSleepAnalysis${stages[i % 4]}`,
      }),
    )
    // Enough between the segments that a step ends after each.
    const filler = record().repeat(2000)
    const file = fileOf(exportOf(segments.slice(0, 6).join(filler)))
    const whole = await withStops(file, [])
    expect(whole.all.length).toBeGreaterThan(4)
    const stopped = await withStops(file, [1, 1, 1, 1, 1, 1])
    expect(stopped.resumed).toBeGreaterThan(4)
    expect(observationsOf(stopped.all)).toEqual(observationsOf(whole.all))
    const nights = observationsOf(stopped.all).filter((one) => one.shape === 'session')
    expect(nights).toMatchObject([{ measures: { sleep_duration: 3000, sleep_awake: 600 } }])
  })

  it('closes a night that has had no segment for long, at the same place each time', async () => {
    const night = record({
      type: 'HKCategoryTypeIdentifierSleepAnalysis',
      end: '2024-05-01 09:00:00 +0200',
      value: 'HKCategoryValueSleepAnalysisAsleepCore',
    })
    const file = fileOf(exportOf(night + record().repeat(24_000)))
    const whole = await withStops(file, [])
    const at = observationsOf(whole.all).findIndex((one) => one.shape === 'session')
    expect(at).toBeGreaterThan(19_000)
    expect(at).toBeLessThan(22_000)
    const stopped = await withStops(file, [2, 3, 1])
    expect(observationsOf(stopped.all).findIndex((one) => one.shape === 'session')).toBe(at)
  })

  it('does not take a file for broken off whose root ended in the last step that was kept', async () => {
    let last = 0
    // One of these lengths lets a step end with the chunk that holds the root's end.
    for (let records = 2000; records < 4600; records += 200) {
      const file = fileOf(exportOf(record().repeat(records)))
      const whole = await withStops(file, [])
      const { all } = await withStops(file, [whole.all.length - 1])
      expect(rejectedOf(all)).toEqual([])
      expect(observationsOf(all)).toEqual(observationsOf(whole.all))
      if (all.length > 1 && all.at(-1)?.observations.length === 0) last++
    }
    expect(last).toBeGreaterThan(0)
  })

  it('reads nothing more once it is done', async () => {
    const { steps } = await importAll(plain)
    const again = await importAll(plain, {}, steps.at(-1)?.cursor)
    expect(again.steps).toEqual([])
  })
})

describe('a step', () => {
  it('comes about every 2,000 observations or mebibyte, with a small cursor and growing progress', async () => {
    const { all } = await withStops(fileOf(text), [])
    let before = 0
    for (const { observations, progress, cursor } of all) {
      expect(observations.length).toBeLessThan(6000)
      expect(progress.bytes).toBeGreaterThan(before)
      expect(progress.bytes - before).toBeLessThan(1.5 * 1024 * 1024)
      expect(JSON.stringify(cursor).length).toBeLessThan(64 * 1024)
      before = progress.bytes
    }
    expect(all.at(-1)?.progress).toEqual({ bytes: before, total: before })
  })

  it('stops at once when it is told to', async () => {
    const stop = new AbortController()
    const reading = appleHealth().file?.read(fileOf(text), contextOf(null, stop.signal))
    const read = async () => {
      for await (const _ of reading ?? []) stop.abort()
    }
    await expect(read()).rejects.toMatchObject({ code: 'AUREN_ABORTED' })
  })

  it('is not begun from a cursor of something else', async () => {
    for (const cursor of [7, { v: 2 }, { v: 1, done: false, offset: -1, entry: null, state: {} }])
      await expect(importAll(fileOf(text), {}, cursor)).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  })
})
