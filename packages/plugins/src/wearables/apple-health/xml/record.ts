import type { ElementReader } from '../elements.js'
import type { Attributes } from '../workout.js'
import { maxAttribute } from './frame.js'

/** Characters of a value that need nothing done to them: no end of it, no reference, and nothing that the frame blanks. */
const plain = '[^"&<\\0-\\x1f]*'
/** The same with the five predefined entities, which the names of devices are full of. */
const escaped = `${plain}(?:&(?:lt|gt|amp|quot|apos);${plain})*`

/** A record as Health writes every one: these attributes, each at most once, in this order, and nothing else. */
const start = new RegExp(
  `<Record type="(${plain})" sourceName="(${escaped})"(?: sourceVersion="(${plain})")?(?: device="(${escaped})")?` +
    `(?: unit="(${plain})")?(?: creationDate="(${plain})")? startDate="(${plain})" endDate="(${plain})"` +
    `(?: value="(${plain})")?(/?)>`,
  'y',
)
const child = new RegExp(`[ \\n\\t\\r]*<MetadataEntry key="(${plain})" value="(${escaped})"/>`, 'y')
const end = /[ \n\t\r]*<\/Record>/y

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * Reads records that are written as Health writes them, which nearly all of an export is, in one match each: a third of
 * what the frame and the parser cost. Whatever is written in any other way is left to them.
 * @returns a function that reads the record which begins at `at` of `text` (a character per byte), and returns the place
 * behind it; −1 where it is left, and nothing was told to `reader`
 */
export function createRecordReader(reader: ElementReader): (text: string, at: number) => number {
  // Neighbours are mostly of one type, source and unit. The very same string has its hash already when it is looked up.
  let [type, source, unit, device]: (string | undefined)[] = []
  let [sourceName, deviceName]: (string | undefined)[] = []

  return (text, at) => {
    start.lastIndex = at
    const found = start.exec(text)
    if (found === null) return -1
    let behind = start.lastIndex
    const children: Attributes[] = []
    if (found[10] === '') {
      for (;;) {
        child.lastIndex = behind
        const entry = child.exec(text)
        if (entry === null) break
        behind = child.lastIndex
        children.push({ key: entry[1], value: decoded(entry[2]) })
      }
      end.lastIndex = behind
      if (!end.test(text)) return -1
      behind = end.lastIndex
    }
    // The frame's limits are those of a single value.
    if (behind - at > maxAttribute) return -1
    if (found[1] !== type) type = found[1]
    if (found[5] !== unit) unit = found[5]
    if (found[2] !== source) {
      source = found[2]
      sourceName = decoded(source)
    }
    if (found[4] !== device) {
      device = found[4]
      deviceName = decoded(device)
    }
    reader.open(
      'Record',
      {
        type,
        sourceName,
        sourceVersion: found[3],
        device: deviceName,
        unit,
        creationDate: found[6],
        startDate: found[7],
        endDate: found[8],
        value: found[9],
      },
      0,
    )
    for (const attributes of children) reader.open('MetadataEntry', attributes, 1)
    reader.complete()
    return behind
  }
}

function decoded(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  let at = value.indexOf('&')
  if (at < 0) return value
  let text = ''
  let from = 0
  for (; at >= 0; at = value.indexOf('&', from)) {
    const semicolon = value.indexOf(';', at)
    text += value.slice(from, at) + entities[value.slice(at + 1, semicolon)]
    from = semicolon + 1
  }
  return text + value.slice(from)
}
