import type { SaxesParser } from 'saxes'
import type { ElementReader } from '../elements.js'
import type { Damage, FrameSink } from './frame.js'
import { createRecordReader } from './record.js'

const why: Readonly<Record<Damage | 'malformed_xml', string>> = {
  attribute_too_long: 'An attribute is longer than 64 KiB.',
  tag_too_long: 'A tag is longer than 256 KiB.',
  too_deep: 'Elements are nested deeper than 32.',
  tag_malformed: 'A tag is broken off by another one.',
  malformed_xml: 'It is no well-formed XML.',
}

/**
 * Parses the children of the root one by one and hands them to `reader`. The parser knows the five predefined entities
 * and character references, nothing else. Characters are bytes (`latin1`): see `textOf`.
 */
export async function createElementParser(reader: ElementReader): Promise<FrameSink> {
  const { SaxesParser } = await import('saxes')
  // Position is tracked by the frame; XML 1.1 would forbid bytes that UTF-8 needs.
  const parser: SaxesParser = new SaxesParser({
    fragment: true,
    position: false,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
  })
  let depth = 0
  let broken = false
  let opened = false
  parser.on('error', () => {
    broken = true
  })
  parser.on('opentag', (tag) => {
    reader.open(tag.name, tag.attributes as Record<string, string>, depth)
    opened = true
    depth++
  })
  parser.on('closetag', () => {
    depth--
  })
  return {
    whole: createRecordReader(reader),
    feed(bytes, from, to) {
      if (!broken) parser.write(bytes.toString('latin1', from, to))
    },
    end(start, _end, damage) {
      // A lone `&` is no error to the parser until a `;` comes: it is still in the tag, and has opened nothing.
      const sound = damage === null && !broken && opened && depth === 0
      opened = false
      if (sound) {
        reader.complete()
        return
      }
      const reason = damage ?? 'malformed_xml'
      // Ends what is open in the parser, so that the next element starts afresh.
      parser.close()
      depth = 0
      broken = false
      reader.abandon(reason, why[reason], start)
    },
  }
}
