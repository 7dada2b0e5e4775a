import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ElementReader } from '../src/wearables/apple-health/elements.js'
import { createFrame } from '../src/wearables/apple-health/xml/frame.js'
import { createElementParser } from '../src/wearables/apple-health/xml/parse.js'

/** What a reader is told, absent attributes left out. */
function createListener() {
  const heard: unknown[] = []
  const reader: ElementReader = {
    open: (name, attributes, depth) =>
      heard.push([name, Object.entries(attributes).filter(([, value]) => value !== undefined), depth]),
    complete: () => heard.push('complete'),
    abandon: (reason, _, offset) => heard.push([reason, offset]),
    finish: () => undefined,
    state: () => ({ elements: 0, exportDate: null, counts: [], nights: [] }),
  }
  return { heard, reader }
}

/** Reads children of the root in these pieces; with the shortcut, and with the frame and the parser alone. */
async function readBoth(text: string, cuts: readonly number[] = []) {
  const read = async (short: boolean) => {
    const { heard, reader } = createListener()
    const { feed, end, whole } = await createElementParser(reader)
    let taken = 0
    const counted = (chunk: string, at: number): number => {
      const behind = whole?.(chunk, at) ?? -1
      if (behind >= 0) taken++
      return behind
    }
    const frame = createFrame(short ? { feed, end, whole: counted } : { feed, end }, 0)
    const bytes = Buffer.from(text)
    let at = 0
    for (const cut of [...cuts, bytes.length]) {
      const to = Math.max(at, Math.min(cut, bytes.length))
      frame.push(Buffer.from(bytes.subarray(at, to)))
      at = to
    }
    return { told: { heard, boundary: frame.boundary(), closed: frame.closed() }, taken }
  }
  const [short, long] = [await read(true), await read(false)]
  return { short: short.told, long: long.told, taken: short.taken }
}

const whole =
  '<Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Robin’s Apple Watch" sourceVersion="10.1" device="&lt;&lt;HKDevice: 0x28&gt;, name:Apple Watch&gt;" unit="count/min" creationDate="2024-01-02 03:04:06 +0100" startDate="2024-01-02 03:04:05 +0100" endDate="2024-01-02 03:04:05 +0100" value="61"'
const entry = '\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="0"/>\n '

describe('a record as Health writes it', () => {
  it('is read in one match, with what it holds', async () => {
    const { short, long, taken } = await readBoth(`\n ${whole}/>\n ${whole}>${entry}</Record>\n`)
    expect(taken).toBe(2)
    expect(short).toEqual(long)
    expect(short.heard).toHaveLength(5)
    expect(short.heard[0]).toMatchObject([
      'Record',
      expect.arrayContaining([
        ['device', '<<HKDevice: 0x28>, name:Apple Watch>'],
        ['value', '61'],
      ]),
      0,
    ])
  })

  it('is left to the parser where anything about it is unusual', async () => {
    const odd = [
      `${whole} value="62"/>`,
      `${whole} more="x"/>`,
      `${whole}><!-- x --></Record>`,
      `${whole}>text</Record>`,
      `${whole}></Record >`,
      `${whole}>`,
      `${whole}`,
      whole.replace('61', '&#54;1').concat('/>'),
      whole.replace('Robin', '&unknown;').concat('/>'),
      whole.replace('Robin', 'Rob\x0bin').concat('/>'),
      whole.replace('Robin', 'Rob<in').concat('/>'),
      whole.replace('Robin', 'R'.repeat(70_000)).concat('/>'),
      whole.replaceAll('"', "'").concat('/>'),
      whole.replace(' unit', '  unit').concat('/>'),
    ]
    for (const text of odd) {
      const { short, long, taken } = await readBoth(`${text}<ExportDate value="x"/>`)
      expect(taken).toBe(0)
      expect(short).toEqual(long)
    }
  })

  it('is the same to the reader whichever way it is read, however it is written and cut', async () => {
    const attributes = ['type', 'sourceName', 'device', 'unit', 'creationDate', 'startDate', 'endDate', 'value', 'x']
    const parts = ['a', ' ', '&lt;', '&amp;', '&', '&#65;', "'", '<', '>', '\n', '\x01', 'é', '’', '1']
    const value = fc.array(fc.constantFrom(...parts), { maxLength: 4 }).map((all) => all.join(''))
    const attribute = fc.tuple(fc.constantFrom(...attributes), value).map(([name, text]) => ` ${name}="${text}"`)
    const usual = fc
      .tuple(value, fc.subarray(attributes.slice(2, 5)), fc.boolean())
      .map(
        ([text, some, valued]) =>
          ` type="${text}" sourceName="a &amp; b"${some.map((name) => ` ${name}="${text}"`).join('')} startDate="1" endDate="2"${valued ? ` value="${text}"` : ''}`,
      )
    const metadata = fc.array(
      fc.constantFrom(entry, ' ', '<MetadataEntry key="a" value="&lt;"/>', '<b/>', 'c', '<!-- -->'),
      {
        maxLength: 3,
      },
    )
    const element = fc
      .tuple(
        fc.oneof(
          usual,
          usual,
          fc.array(attribute, { maxLength: 9 }).map((all) => all.join('')),
        ),
        metadata,
        fc.boolean(),
      )
      .map(([text, inside, empty]) => (empty ? `<Record${text}/>` : `<Record${text}>${inside.join('')}</Record>`))
    const all = fc.array(fc.oneof(element, fc.constantFrom('\n ', '<a/>', '</Record>', '&', whole)), { maxLength: 8 })
    const cuts = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 3 }).map((at) => at.sort((a, b) => a - b))
    let taken = 0
    await fc.assert(
      fc.asyncProperty(all, cuts, async (elements, at) => {
        const read = await readBoth(elements.join(''), at)
        taken += read.taken
        expect(read.short).toEqual(read.long)
      }),
      { numRuns: 2000 },
    )
    expect(taken).toBeGreaterThan(100)
  })
})
