// The least that reading an export can cost: one pass of saxes over the file, nothing made of what it finds.
import { createReadStream } from 'node:fs'
import { SaxesParser } from 'saxes'

/** Reads a file through saxes. @returns elements found, and seconds */
export async function parseOnly(path: string): Promise<{ elements: number; records: number; seconds: number }> {
  const from = performance.now()
  const parser = new SaxesParser()
  let elements = 0
  let records = 0
  parser.on('opentag', (tag) => {
    elements++
    if (tag.name === 'Record') records++
  })
  // iOS 16 writes a DTD and notes that are not well-formed; saxes goes on after saying so.
  parser.on('error', () => undefined)
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) parser.write(chunk)
  parser.close()
  return { elements, records, seconds: (performance.now() - from) / 1000 }
}
