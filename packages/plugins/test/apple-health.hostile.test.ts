import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type FileSource, isAurenError } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrame, type Damage } from '../src/wearables/apple-health/xml/frame.js'
import { exportOf, fileOf, importAll, importChildren, record, streamed } from './apple-health-files.js'

const laughs = (() => {
  const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`)
  return `<!DOCTYPE HealthData [\n<!ENTITY l0 "lol">\n${levels.join('\n')}\n<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd">\n%p;\n<!ENTITY file SYSTEM "file:///etc/hostname">\n]>\n`
})()

describe('a hostile DTD', () => {
  it('defines nothing: no laughs, no file, no parameter entity', async () => {
    const children = `${record({ source: '&l9;' })}${record({ source: '&file;' })}${record({ source: 'a &amp; b' })}&l9;&file;`
    const { observations, rejected } = await importAll(fileOf(exportOf(children, laughs)))
    expect(observations).toMatchObject([{ source: { name: 'a & b' } }])
    expect(rejected).toMatchObject([{ reason: 'malformed_xml' }, { reason: 'malformed_xml' }])
  })

  it('may be malformed as iOS 16 wrote it, or hold the name of the root', async () => {
    const dtds = [
      '<!DOCTYPE HealthData [\n<!ELEMENT Workout (A)>\n<!ATTLIST Workout\n  a CDATA\n<!ELEMENT B EMPTY>\n]>\n',
      '<!DOCTYPE HealthData [\n<!ATTLIST A b CDATA "unbalanced>\n]>\n',
      '<!DOCTYPE HealthData [ <!-- <HealthData> --> <!ENTITY a "<HealthData>"> ]>',
      '<!DOCTYPE HealthData SYSTEM "http://127.0.0.1:9/health.dtd">',
      '<!-- a comment --><?instruction?>',
    ]
    for (const dtd of dtds) {
      const { observations, rejected } = await importAll(fileOf(exportOf(record(), dtd)))
      expect(observations).toHaveLength(1)
      expect(rejected).toEqual([])
    }
  })

  it('is refused when it has no end', async () => {
    const file = streamed('<!DOCTYPE HealthData [', '<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">', 2 ** 30, ']>')
    await expect(importAll(file)).rejects.toMatchObject({ code: 'AUREN_PAYLOAD_TOO_LARGE' })
  })
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that stay after collecting, while a file is read; the file must be longer than what is allowed to stay. */
async function memoryOf(file: FileSource): Promise<{ most: number; result: Awaited<ReturnType<typeof importAll>> }> {
  collect()
  const before = process.memoryUsage()
  let most = 0
  let reads = 0
  const watched: FileSource = {
    ...file,
    async read(offset, length) {
      if (++reads % 16 === 0) {
        collect()
        const now = process.memoryUsage()
        most = Math.max(most, now.heapUsed + now.external - before.heapUsed - before.external)
      }
      return file.read(offset, length)
    },
  }
  return { result: await importAll(watched), most }
}

const mebibyte = 1024 * 1024

describe('memory is bounded', () => {
  const shapes: [string, FileSource, string | null][] = [
    [
      'an attribute of 100 MB',
      streamed('<HealthData><Record type="', 'a'.repeat(1024), 100_000, `"/>${record()}</HealthData>`),
      'attribute_too_long',
    ],
    [
      'a tag of 32 MB',
      streamed('<HealthData><Record ', 'a="b" '.repeat(170), 32_000, `/>${record()}</HealthData>`),
      'tag_too_long',
    ],
    [
      'a name of 32 MB',
      streamed('<HealthData><', 'a'.repeat(1024), 32_000, `/>${record()}</HealthData>`),
      'tag_too_long',
    ],
    [
      'elements nested 10⁵ deep, and closed',
      fileOf(`<HealthData>${'<a>'.repeat(1e5)}${'</a>'.repeat(1e5)}${record()}</HealthData>`),
      'too_deep',
    ],
    [
      'a comment of 32 MB',
      streamed('<HealthData><!--', '- -'.repeat(340), 32_000, `-->${record()}</HealthData>`),
      null,
    ],
    [
      'CDATA of 32 MB',
      streamed('<HealthData><![CDATA[', ']] '.repeat(340), 32_000, `]]>${record()}</HealthData>`),
      null,
    ],
    [
      'an entity of 32 MB within an element',
      streamed('<HealthData><Record type="x">&', 'a'.repeat(1024), 32_000, `;</Record>${record()}</HealthData>`),
      'unknown_type',
    ],
    ['text of 32 MB', streamed('<HealthData>', '&amp; x'.repeat(150), 32_000, `${record()}</HealthData>`), null],
    [
      'an instruction of 32 MB',
      streamed('<HealthData><?a ', '?x'.repeat(500), 32_000, `?>${record()}</HealthData>`),
      null,
    ],
    [
      'a record with 10⁶ children',
      streamed(
        '<HealthData><Record type="">',
        '<MetadataEntry key="a" value="b"/>',
        1e6,
        `</Record>${record()}</HealthData>`,
      ),
      'unknown_type',
    ],
  ]
  it.each(shapes)(
    '%s',
    async (_, file, reason) => {
      const { result, most } = await memoryOf(file)
      expect(most).toBeLessThan(16 * mebibyte)
      // What comes after it is read.
      expect(result.observations).toHaveLength(1)
      expect(result.rejected.map((one) => one.reason)).toEqual(reason === null ? [] : [reason])
    },
    120_000,
  )

  it('elements nested 10⁵ deep and never closed', async () => {
    const { observations, rejected } = await importAll(fileOf(`<HealthData>${record()}${'<a>'.repeat(1e5)}`))
    expect(observations).toHaveLength(1)
    expect(rejected).toMatchObject([{ reason: 'truncated' }])
  })
})

describe('damage costs only itself', () => {
  it('of one element among others', async () => {
    const damaged = [
      '<Record type="a" type="b"/>',
      '<Record type=unquoted/>',
      '<Record type="a"<Record/>',
      '<Record><MetadataEntry></Record></MetadataEntry>',
      '<Record a="&undefined;"/>',
      '</Stray>',
      '<1/>',
      'words & more words',
      '<![CDATA[<Record/>]]>',
      '<!DOCTYPE x [<!ENTITY y "z">]>',
      '<?target <Record/>?>',
      '<!-- <Record/> -->',
    ]
    // A tag that is broken off by another one, which is read.
    const { observations: both, rejected } = await importChildren(`<Record type="a" ${record()}`)
    expect([both.length, rejected.map(({ reason }) => reason)]).toEqual([1, ['tag_malformed']])
    for (const bad of damaged) {
      const { observations } = await importChildren(record({ value: '60' }) + bad + record({ value: '62' }))
      expect([bad, observations.map((one) => 'value' in one && one.value)]).toEqual([bad, [60, 62]])
    }
  })

  it('of a file that is cut off anywhere: what came before is kept, and it is said', async () => {
    const text = Buffer.from(
      exportOf(Array.from({ length: 5 }, (_, i) => record({ value: String(60 + i) })).join('\n')),
    )
    const ends = [...text.toString('latin1').matchAll(/<\/Record>/g)].map(({ index }) => index + '</Record>'.length)
    const rootEnd = text.indexOf('<HealthData locale="en_US">') + '<HealthData locale="en_US">'.length
    for (let cut = rootEnd; cut < text.length - 1; cut++) {
      const { observations, rejected, steps } = await importAll(fileOf(text.subarray(0, cut)))
      expect(observations).toHaveLength(ends.filter((end) => end <= cut).length)
      const last = ends.filter((end) => end <= cut).at(-1) ?? rootEnd
      expect(rejected).toMatchObject([{ reason: 'truncated', item: { offset: last, size: cut } }])
      expect(steps).toHaveLength(1)
    }
  })

  it('never makes anything but an answer or an AurenError out of any bytes', async () => {
    const parts = [
      '<HealthData>',
      '</HealthData>',
      record(),
      '<Record ',
      '"',
      "'",
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&',
      '>',
      '/>',
      '\0',
    ]
    const pieces = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 5 })), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(pieces, async (all) => {
        try {
          const { steps } = await importAll(fileOf(all.join('')))
          expect(steps.at(-1)?.cursor).toMatchObject({ done: true })
        } catch (error) {
          expect(isAurenError(error)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('costs only itself where an attribute holds a lone ampersand', async () => {
    const { observations, rejected } = await importAll(
      fileOf(exportOf(`${record({ value: '61' })}${record({ source: 'a & b' })}${record({ value: '62' })}`)),
    )
    expect(observations).toMatchObject([{ value: 61 }, { value: 62 }])
    expect(rejected).toMatchObject([{ reason: 'malformed_xml' }])
  })

  it('is found alike however the bytes are cut into chunks', () => {
    const parts = [
      '<a/>',
      '<a b="c">',
      '</a>',
      '<!-- x -->',
      '<![CDATA[ ]] ]]>',
      '<?p?>',
      '<',
      '>',
      '"',
      ' b="<>" ',
      '\x0b',
      '</HealthData>',
    ]
    const bytes = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((all) => Buffer.from(all.join('')))
    const read = (all: Buffer, cuts: number[]) => {
      const seen: [string, number, number, Damage | null][] = []
      let text = ''
      const frame = createFrame(
        {
          feed: (from, start, end) => {
            text += from.toString('latin1', start, end)
          },
          end: (start, end, damage) => {
            seen.push([damage === null ? text : '', start, end, damage])
            text = ''
          },
        },
        100,
      )
      let at = 0
      for (const cut of [...cuts, all.length]) {
        const to = Math.max(at, Math.min(cut, all.length))
        frame.push(Buffer.from(all.subarray(at, to)))
        at = to
      }
      return { seen, boundary: frame.boundary(), closed: frame.closed() }
    }
    const cuts = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 20 }).map((all) => all.sort((a, b) => a - b))
    fc.assert(
      fc.property(bytes, cuts, (all, at) => {
        expect(read(all, at)).toEqual(read(all, []))
      }),
      { numRuns: 3000 },
    )
  })
})
