import { formatDate } from '../query/dates.js'
import { renderFact, renderValue } from '../query/describe.js'
import { formatNumber, joinQuantity } from '../query/format.js'
import type { Fact } from '../query/schema.js'
import { metricTitle, plainWords } from '../query/words.js'
import type { FactRenderer } from './bind.js'
import { plain } from './plain.js'

/** How the person reads numbers: locale and units. */
type Reading = NonNullable<Parameters<typeof renderFact>[1]>

/** Most groups of a fact that one sentence lists. */
const ROWS_SAID = 14

/**
 * Renders a fact, or a part of it, for the middle of a sentence. The whole fact always says what was measured, its
 * value with unit, and the period, so that a number cannot be passed off as another. Parts: `label`, `value`,
 * `period`, `n`, `minimum`, `basis`, `coverage`, `sources`, `date`, `notes`, `comparison[.value|.difference|.percent|
 * .period]`, `baseline[.median|.low|.high|.z]`, `trend`, `rows[.<index>]`.
 */
export function createRenderer(reader: Reading = {}): FactRenderer {
  return (fact, path) => {
    const part = partOf(fact, path, reader)
    // Labels hold tags, and sources hold names of devices: words from outside.
    return part === null || part === '' ? null : plain(part, 600)
  }
}

function partOf(fact: Fact, path: string, reader: Reading): string | null {
  const shown = renderFact(fact, reader)
  const { comparison, baseline } = shown
  const [head, tail] = path.split('.') as [string, string | undefined]
  if (tail === undefined) {
    switch (head) {
      case '':
        return whole(fact, reader)
      case 'label':
        return shown.label
      case 'value':
        return shown.quantity
      case 'period':
        return shown.period
      case 'date':
        return shown.date ?? null
      case 'n':
        return formatNumber(fact.n, 0, reader.locale)
      case 'minimum':
        return formatNumber(fact.minimum, 0, reader.locale)
      case 'basis':
        return shown.basis
      case 'coverage':
        return `${formatNumber(fact.coverage * 100, 0, reader.locale)} %`
      case 'sources':
        return fact.sources.map((key) => `“${sourceName(key)}”`).join(', ') || null
      case 'notes':
        return fact.notes.join(' ') || null
      case 'comparison':
        return comparison ? `${comparison.quantity}${comparison.period ? ` (${comparison.period})` : ''}` : null
      case 'baseline':
        return baseline ? `${baseline.low} to ${baseline.high}` : null
      case 'trend':
        return fact.trend
          ? `${joinQuantity(renderValue(fact, fact.trend.low, reader))} to ${joinQuantity(renderValue(fact, fact.trend.high, reader))}`
          : null
      case 'rows':
        return rowsOf(fact, reader)
      default:
        return null
    }
  }
  if (head === 'comparison' && comparison) {
    if (tail === 'value') return comparison.quantity
    if (tail === 'difference' || tail === 'percent' || tail === 'period') return comparison[tail]
  }
  if (head === 'baseline' && baseline && (tail === 'median' || tail === 'low' || tail === 'high' || tail === 'z')) {
    return baseline[tail]
  }
  if (head === 'rows' && /^\d{1,4}$/.test(tail)) {
    const row = fact.rows?.[Number(tail)]
    return row ? rowOf(fact, row, reader) : null
  }
  return null
}

function whole(fact: Fact, reader: Reading): string {
  const shown = renderFact(fact, reader)
  const deviation = 'pattern' in fact.query && fact.query.pattern === 'deviation'
  const label = deviation && 'metric' in fact.query ? metricTitle(fact.query.metric) : shown.label
  const on = shown.date ? ` on ${shown.date}` : ''
  const period = shown.period && !deviation ? ` (${shown.period})` : ''
  return `${label} ${shown.quantity}${on}${period}`
}

/** The name in a source's key, `provider/account/name`. */
function sourceName(key: string): string {
  const name = key.split('/').slice(2).join('/')
  return plain(name || key, 40)
}

function rowsOf(fact: Fact, reader: Reading): string | null {
  const rows = fact.rows ?? []
  if (rows.length === 0) return null
  const said = rows.slice(0, ROWS_SAID).map((row) => rowOf(fact, row, reader))
  return `${said.join('; ')}${rows.length > ROWS_SAID ? '; and more' : ''}`
}

function rowOf(fact: Fact, row: NonNullable<Fact['rows']>[number], reader: Reading): string {
  const value = row.value === null ? 'no data' : joinQuantity(renderValue(fact, row.value, reader))
  return `${keyOf(row.key, reader)} ${value}`
}

function keyOf(key: string, { locale = 'en-GB' }: Reading): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(key)) return formatDate(key, locale)
  if (/^\d{4}-\d{2}$/.test(key)) {
    const format = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' })
    return format.format(Date.parse(`${key}-01T00:00:00Z`))
  }
  const week = /^(\d{4})-W(\d{2})$/.exec(key)
  if (week) return `week ${Number(week[2])} of ${week[1]}`
  return key.includes('/') ? `“${sourceName(key)}”` : plain(plainWords(key), 60)
}
