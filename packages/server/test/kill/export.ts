import { generateAppleExport } from '../../../../bench/generate/apple-export.js'

const record = (more: string): string =>
  `<Record ${more} sourceName="Traps" creationDate="2025-06-30 09:00:00 +0200" startDate="2025-06-30 08:00:00 +0200"`
const pulse = (value: string, at: string, unit = 'count/min'): string =>
  ` ${record(`type="HKQuantityTypeIdentifierHeartRate" unit="${unit}"`)} endDate="${at}" value="${value}"/>\n`

/** What must be set aside of the traps, by reason. */
export const traps = { hard_range: 2, interval_negative: 1 }

/**
 * An invented person's export with traps: what must be set aside, and three unequal pulses of one identity of which one
 * is told twice, standing as far from each other as the file allows.
 */
export function trappedExport(records: number, seed: number): Uint8Array {
  const xml = [...generateAppleExport({ records, seed })].join('')
  const first = xml.indexOf('<Record ')
  const last = xml.lastIndexOf('</HealthData>')
  const same = '2025-06-30 08:00:00 +0200'
  const head = pulse('63', same) + pulse('900', same)
  const tail = pulse('62', same) + pulse('-4', same) + pulse('70', '2025-06-30 07:00:00 +0200') + pulse('61', same)
  return Buffer.from(
    `${xml.slice(0, first)}${head}${xml.slice(first, last)}${pulse('63', same)}${tail}${xml.slice(last)}`,
  )
}
