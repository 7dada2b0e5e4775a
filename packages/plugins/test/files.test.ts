import type { FileContext, FileSource, ImportStep } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { bytesPart, csvPart, exportReader, instantOf, jsonPart, readNumber, readTime } from '../src/files/index.js'
import { zipOf } from './apple-health-files.js'

const fileOf = (content: string | Uint8Array, name = 'export'): FileSource => {
  const bytes = Buffer.from(content)
  return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
const contextOf = (cursor: unknown = null): FileContext => ({
  account: 'robin',
  cursor,
  signal: new AbortController().signal,
  receivedAt: 0,
  zoneAt: () => 'Europe/Berlin',
})
const weight = (start: number, value: number, recordId: string) =>
  ({
    shape: 'sample',
    metric: 'weight',
    start,
    value,
    unit: 'kg',
    source: { name: 'Scale', type: 'scale' },
    offset: null,
    zoneBasis: 'absent',
    recordId,
  }) as const

const weights = csvPart({
  path: /weights.*\.csv$/i,
  needs: ['date', 'weight (kg)'],
  dates: ['date'],
  *row(row, ctx) {
    const time = ctx.time(row.date)
    const value = ctx.number(row['weight (kg)'])
    if (!time || value === null) return ctx.reject(row, 'row_unreadable', `Line ${ctx.line}`)
    yield weight(instantOf(time, ctx.zoneAt).at, value, `${ctx.line}`)
  },
})
const reader = exportReader({
  plugin: 'scale',
  parts: [
    weights,
    jsonPart({
      path: /profile\.json$/,
      first: true,
      tells: false,
      read(value, ctx) {
        ctx.shared.name = (value as { name: string }).name
        return []
      },
    }),
    jsonPart({
      path: /readings-\d+\.json$/,
      looks: (head) => head.includes('"grams"'),
      *read(value, ctx) {
        for (const { id, at, grams } of value as { id: string; at: number; grams: number }[])
          yield weight(at, grams / 1000, `${String(ctx.shared.name)}/${id}`)
      },
    }),
    bytesPart({
      path: /\.bin$/,
      *read(bytes) {
        yield weight(0, bytes.readUInt8(0), 'bin')
      },
    }),
  ],
  ignored: [{ path: /\.png$/, why: 'pictures' }],
})
const readAll = async (file: FileSource, cursor: unknown = null): Promise<ImportStep[]> => {
  const steps: ImportStep[] = []
  for await (const step of reader.read(file, contextOf(cursor))) steps.push(step)
  return steps
}
const observed = (steps: readonly ImportStep[]) => steps.flatMap(({ observations }) => observations)
const rejected = (steps: readonly ImportStep[]) => steps.flatMap((step) => step.rejected)
const recognised = async (content: string | Uint8Array, name = 'x') => {
  const file = fileOf(content, name)
  return reader.recognises(name, await file.read(0, 65_536), file)
}

describe('delimited text', () => {
  const berlin = Date.UTC(2024, 2, 13, 7, 5)
  it.each([
    ['commas', 'Date,Weight (kg)\n2024-03-13 08:05,81.5\n'],
    ['semicolons and decimal commas', 'Date;Weight (kg)\r\n13.03.2024 08:05;81,5\r\n'],
    ['tabs', 'Date\tWeight (kg)\n2024-03-13T08:05:00\t81.5'],
    ['a byte order mark', '\ufeffDate,Weight (kg)\n2024-03-13 08:05,81.5\n'],
    ['quotes', '"Date","Weight (kg)"\n"2024-03-13, 08:05","81,5"\n'],
    ['lines above the header', 'Robin Example\nexported on 14-03-2024\n\nDate,Weight (kg)\n2024-03-13 08:05,81.5\n'],
    ['more columns, in another order', 'Comments,Weight (kg),Date\n"a, ""b""\nc",81.5,2024-03-13 08:05\n'],
    ['blanks and letter case', ' DATE , weight  (KG)\n 2024-03-13 08:05 , 81.5 \n'],
    ['missing fields at the end', 'Date,Weight (kg),Fat\n2024-03-13 08:05,81.5\n'],
    ['an offset', 'Date,Weight (kg)\n2024-03-13T08:05:00+01:00,81.5\n'],
    ['words for months', 'Date,Weight (kg)\n13 Mar 2024 08:05,81.5\n'],
  ])('with %s is read', async (_, text) => {
    expect(await recognised(text)).toBe(true)
    expect(observed(await readAll(fileOf(text)))).toMatchObject([{ start: berlin, value: 81.5 }])
  })

  it('in UTF-16 and Windows-1252 is read', async () => {
    const text = 'Date,Weight (kg),Größe\n2024-03-13 08:05,81.5,x\n'
    for (const bytes of [
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
      Buffer.from(text, 'latin1'),
    ])
      expect(observed(await readAll(fileOf(bytes)))).toMatchObject([{ start: berlin, value: 81.5 }])
  })

  it('shows by all its rows which of day and month comes first', async () => {
    const read = async (dates: string[]) =>
      observed(await readAll(fileOf(['Date,Weight (kg)', ...dates.map((date) => `${date},80`)].join('\n')))).map(
        (one) => 'start' in one && new Date((one.start ?? 0) + 7_200_000).toISOString().slice(0, 10),
      )
    // A day beyond twelve decides for all.
    expect(await read(['03/04/2024', '03/14/2024'])).toEqual(['2024-03-04', '2024-03-14'])
    expect(await read(['03/04/2024', '14/04/2024'])).toEqual(['2024-04-03', '2024-04-14'])
    // None beyond twelve: days that follow each other are closer than months.
    expect(await read(['01/11/2023', '02/11/2023', '03/11/2023'])).toEqual(['2023-11-01', '2023-11-02', '2023-11-03'])
    expect(await read(['11/01/2023', '11/02/2023', '11/03/2023'])).toEqual(['2023-11-01', '2023-11-02', '2023-11-03'])
  })

  it('keeps the good rows and says which are not', async () => {
    const steps = await readAll(
      fileOf('Date,Weight (kg)\n2024-02-30 08:00,80\n2024-03-13 08:05,81.5\nx,y\n2024-03-14,82,83,84\n'),
    )
    expect(observed(steps)).toHaveLength(1)
    expect(rejected(steps).map(({ reason, detail }) => [reason, /\d+/.exec(detail)?.[0]])).toEqual([
      ['row_unreadable', '2'],
      ['row_unreadable', '4'],
      ['row_malformed', '5'],
    ])
  })
})

describe('numbers and times', () => {
  it.each([
    ['1234.5', 1234.5],
    ['1234,5', 1234.5],
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['1 234,5', 1234.5],
    ['12,345', 12_345],
    ['12,34', 12.34],
    ['1.234', 1.234],
    ['1.234.567', 1_234_567],
    ['-3,5', -3.5],
    ['1e3', 1000],
    ['', null],
    ['LOW', null],
    ['1-2', null],
    ['--', null],
    ['.', null],
  ])('%s', (text, value) => expect(readNumber(text)).toBe(value))

  it.each([
    ['2024-03-31T02:30:00Z', '2024-03-31T02:30:00.000', 0],
    ['2024-03-31 02:30:00 +0530', '2024-03-31T02:30:00.000', 330],
    ['2024-03-31T02:30:00.1234-03:30', '2024-03-31T02:30:00.123', -210],
    ['2024/3/1 2:30 PM', '2024-03-01T14:30:00.000', null],
    ['12:30 AM', null, null],
    ['2024-03-01 12:30 am', '2024-03-01T00:30:00.000', null],
    ['Mar 1, 2024 at 7:05:09 PM', '2024-03-01T19:05:09.000', null],
    ['Friday, 1 March 2024', '2024-03-01T00:00:00.000', null],
    ['2023-02-29', null, null],
    ['2024-03-01 25:00', null, null],
    ['2024-03-01 10:00 tomorrow', null, null],
  ])('%s', (text, local, offset) => expect(readTime(text)).toEqual(local === null ? null : { local, offset }))

  it('that a clock change leaves out or repeats are placed as calendars do', () => {
    const at = (local: string) => new Date(instantOf({ local, offset: null }, () => 'Europe/Berlin').at).toISOString()
    expect(at('2024-03-31T02:30:00.000')).toBe('2024-03-31T01:30:00.000Z')
    expect(at('2024-10-27T02:30:00.000')).toBe('2024-10-27T00:30:00.000Z')
  })
})

describe('an archive', () => {
  const readings = (from: number, count: number) =>
    JSON.stringify(
      Array.from({ length: count }, (_, i) => ({ id: `r${from + i}`, at: (from + i) * 60_000, grams: 80_000 })),
    )
  const entries = [
    { name: 'scale/readings-1.json', content: readings(0, 4500) },
    { name: 'scale/readings-2.json', content: readings(10_000, 2500) },
    { name: 'scale/a/weights 2024.csv', content: 'Date,Weight (kg)\n2024-03-13 08:05,81.5\nx,1\n' },
    { name: 'scale/profile.json', content: '{"name":"Robin"}' },
    { name: 'scale/broken/readings-3.json', content: '[{"grams":' },
    { name: 'scale/me.png', content: 'x' },
    { name: 'scale/z/notes.txt', content: 'x' },
    { name: 'scale/z/more.txt', content: 'x' },
    { name: '__MACOSX/scale/._profile.json', content: 'x' },
  ]
  const file = fileOf(zipOf(entries), 'download.zip')

  it('is known by what is in it, whatever it is called', async () => {
    expect(await recognised(zipOf(entries), 'download.zip')).toBe(true)
    expect(await recognised(zipOf([{ name: 'profile.json', content: '{}' }]), 'scale.zip')).toBe(false)
    expect(await recognised(zipOf([{ name: 'readings-1.json', content: '[{"id":1}]' }]), 'scale.zip')).toBe(false)
    expect(await recognised('Date,Height\n', 'weights.csv')).toBe(false)
    expect(await recognised(zipOf(entries).subarray(0, 1000), 'weights.zip')).toBe(false)
  })

  it('is read with what others need first, and tells what was left aside', async () => {
    const steps = await readAll(file)
    expect(observed(steps)).toHaveLength(7001)
    expect(observed(steps).filter((one) => 'recordId' in one && one.recordId?.startsWith('Robin/'))).toHaveLength(7000)
    expect(rejected(steps)).toMatchObject([
      { reason: 'row_unreadable' },
      { reason: 'document_damaged', detail: expect.stringContaining('readings-3.json') },
      { reason: 'ignored', item: { count: 1 } },
      { reason: 'unknown_file', item: { count: 2 } },
    ])
    expect(steps.at(-1)?.progress.bytes).toBe(steps.at(-1)?.progress.total)
  })

  it('goes on after any step as if nothing had been', async () => {
    const whole = await readAll(file)
    expect(whole.length).toBeGreaterThan(3)
    for (let stop = 1; stop <= whole.length; stop++) {
      const first = whole.slice(0, stop)
      const rest = await readAll(file, JSON.parse(JSON.stringify(first.at(-1)?.cursor)))
      expect(observed([...first, ...rest])).toEqual(observed(whole))
      expect(rejected([...first, ...rest])).toEqual(rejected(whole))
    }
  })

  it('without anything of its kind, or with a strange cursor, is refused', async () => {
    await expect(readAll(fileOf(zipOf([{ name: 'a.txt', content: 'x' }])))).rejects.toMatchObject({
      code: 'AUREN_PAYLOAD_INVALID',
    })
    await expect(readAll(file, { v: 2 })).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  })
})
