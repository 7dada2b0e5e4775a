// RFC 4180: fields may be quoted, a quote inside is doubled, and a quoted field may hold commas and line breaks.

/**
 * Reads CSV text whose first line names the columns.
 * @param {string} text
 * @returns {Record<string, string>[]} one object per row; every column is present, '' where the field is empty
 * @throws {Error} when a quote stays open or a row has another number of fields than the header
 */
export function readCsv(text) {
  const [header, ...rows] = records(text)
  if (!header) return []
  return rows.map((fields, index) => {
    if (fields.length !== header.length)
      throw new Error(`CSV record ${index + 2} has ${fields.length} fields, the header ${header.length}`)
    return Object.fromEntries(header.map((column, at) => [column, /** @type {string} */ (fields[at])]))
  })
}

/**
 * @param {string} text
 * @returns {string[][]}
 */
function records(text) {
  /** @type {string[][]} */
  const found = []
  /** @type {string[]} */
  let record = []
  // One field and the separator after it; sticky, so that no character is ever skipped.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  while (field.lastIndex < text.length) {
    const start = field.lastIndex
    const match = field.exec(text)
    if (!match) throw new Error(`CSV is malformed after character ${start}: ${text.slice(start, start + 40)}`)
    record.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    if (match[3] === ',') {
      if (field.lastIndex === text.length) record.push('')
      else continue
    }
    if (record.length > 1 || record[0] !== '') found.push(record)
    record = []
  }
  if (record.length > 0) found.push(record)
  return found
}
