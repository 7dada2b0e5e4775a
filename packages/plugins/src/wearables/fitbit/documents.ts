import { seriesNames, shapeNames } from './days.js'
import { intradayNames } from './intraday.js'
import { Notice, type Payload } from './payload.js'

const lists = [
  ...seriesNames,
  ...shapeNames,
  'sleep',
  'weight',
  'fat',
  'water',
  'foods',
  'body-weight',
  'body-fat',
  'body-bmi',
]

/** An answer of the Web API as a payload; its date, where it does not say it, may be in the file's name. Null where it is none. */
export function payloadsOf(document: unknown, name: string): Payload[] | null {
  if (!isAnswer(document)) return null
  const date = /(?<!\d)20\d\d-[01]\d-[0-3]\d(?!\d)/.exec(name.replace(/^.*\//, ''))?.[0]
  return [{ document, ...(date && !Number.isNaN(Date.parse(date)) ? { date } : {}) }]
}

function isAnswer(document: unknown): boolean {
  if (Array.isArray(document))
    return document.length > 0 && document.every((item) => Notice.safeParse(item).success || isOxygen(item))
  if (typeof document !== 'object' || document === null) return false
  if (isOxygen(document)) return true
  const held = document as Record<string, unknown>
  if ('activities' in held && Array.isArray(held.activities))
    return 'summary' in held || 'pagination' in held || isLog(held.activities[0])
  return (
    lists.some((one) => Array.isArray(held[one])) ||
    intradayNames.some((one) => one in held) ||
    Object.keys(held).some((one) => /^activities-tracker-/.test(one))
  )
}

function isOxygen(item: unknown): boolean {
  if (typeof item !== 'object' || item === null || !('dateTime' in item)) return false
  return (
    'minutes' in item ||
    ('value' in item && typeof item.value === 'object' && item.value !== null && 'avg' in item.value)
  )
}

function isLog(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'logId' in item
}
