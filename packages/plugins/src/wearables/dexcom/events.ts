import { Flag, type ObservationInput } from '@auren/core'
import { diary, meter } from './sources.js'
import type { Placed } from './times.js'

/** What the person entered, whether the API or Clarity's file says it. */
interface Entry {
  recordId: string
  type: string
  subType: string
  value: number | null
  text: string
  unit: string | null
  when: Placed
}

const MINUTE = 60_000
const snake = (text: string): string =>
  text
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 100)

/** What an entry becomes; a reason where it becomes nothing. */
export function* entry(
  { recordId, type, subType, value, text, unit, when }: Entry,
  reject: (reason: string, detail: string) => void,
): Iterable<ObservationInput> {
  const made = { ...when, recordId, source: diary, flags: Flag.manual }
  const kind = snake(subType)
  const without = (): void => reject('no_value', `An event "${snake(type)}" has no number.`)
  switch (snake(type)) {
    case 'carbs':
      if (value === null) return without()
      yield { shape: 'sample', metric: 'carbohydrate_intake', value, unit: 'g', ...made }
      return
    case 'insulin':
      if (value === null) return without()
      yield { shape: 'sample', metric: 'insulin', value, unit: '[IU]', ...made }
      return
    case 'blood_glucose':
      if (value === null || unit === null) return without()
      yield { shape: 'sample', metric: 'glucose', value, unit, ...made, source: meter }
      return
    case 'exercise':
      if (value === null || value <= 0 || value > 24 * 60) yield { shape: 'tag', tag: 'exercise', ...made }
      else
        yield {
          shape: 'session',
          kind: 'workout',
          end: when.start + Math.round(value * MINUTE),
          activity: 'other',
          vendorActivity: kind === '' || kind === 'unknown' ? 'exercise' : `exercise (${kind})`,
          measures: {},
          ...made,
        }
      return
    case 'health':
      if (kind === '' || kind === 'unknown') return reject('unknown_event', 'A health event does not say what it is.')
      yield { shape: 'tag', tag: kind, ...made }
      return
    case 'notes':
    case 'note':
      if (text === '') return reject('no_value', 'A note has no text.')
      yield { shape: 'tag', tag: 'note', text: text.slice(0, 10_000), ...made }
      return
    default:
      reject('unknown_event', `An event of the kind "${snake(type).slice(0, 40)}" is not known.`)
  }
}
