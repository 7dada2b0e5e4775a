/** Plain readings of an export.xml for comparison: line by line, by regular expressions, sharing nothing with AUREN. */
export interface RawRecord {
  type: string
  source: string
  start: number
  end: number
  /** Local date of the start by the offset that is written. */
  date: string
  /** Local date of the end. */
  endDate: string
  value: string
  unit: string
  zone: string | null
}

const attribute = (line: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(line)?.[1] ?? ''
const instant = (stamp: string): number =>
  Date.parse(`${stamp.slice(0, 10)}T${stamp.slice(11, 19)}${stamp.slice(20, 23)}:${stamp.slice(23)}`)

/** All records, in the order of the file; those that repeat another in everything are left out. */
export function readRecords(xml: string): RawRecord[] {
  const records: RawRecord[] = []
  const seen = new Set<string>()
  let open: RawRecord | null = null
  for (const line of xml.split('\n')) {
    const text = line.trim()
    if (text.startsWith('<Record ')) {
      const startDate = attribute(text, 'startDate')
      const endDate = attribute(text, 'endDate')
      const record: RawRecord = {
        type: attribute(text, 'type').replace(/^HK(Quantity|Category)TypeIdentifier/, ''),
        source: attribute(text, 'sourceName'),
        start: instant(startDate),
        end: instant(endDate),
        date: startDate.slice(0, 10),
        endDate: endDate.slice(0, 10),
        value: attribute(text, 'value'),
        unit: attribute(text, 'unit'),
        zone: null,
      }
      const key = [record.type, record.source, startDate, endDate, record.value, record.unit].join('|')
      if (seen.has(key)) {
        open = null
        continue
      }
      seen.add(key)
      records.push(record)
      open = text.endsWith('/>') ? null : record
    } else if (open && text.includes('key="HKTimeZone"')) open.zone = attribute(text, 'value')
    else if (text === '</Record>') open = null
  }
  return records
}

/** Mean of a type's values by local date, then over the dates: what "the mean of the daily means" is. */
export function dailyMeans(records: readonly RawRecord[], type: string): Map<string, number> {
  const sums = new Map<string, { sum: number; n: number }>()
  for (const record of records) {
    if (record.type !== type) continue
    const held = sums.get(record.date) ?? { sum: 0, n: 0 }
    sums.set(record.date, { sum: held.sum + Number(record.value), n: held.n + 1 })
  }
  return new Map([...sums].map(([date, { sum, n }]) => [date, sum / n]))
}
