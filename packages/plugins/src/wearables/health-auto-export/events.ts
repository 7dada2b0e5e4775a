import { Flag, type NormalizeContext, type ObservationInput } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { Event } from './payload.js'
import { nameOf } from './quantities.js'
import { sourceOf } from './sources.js'
import { type Time, timeOf } from './times.js'

type Data = Readonly<Record<string, readonly unknown[] | null | undefined>>
type Make = (event: Event, base: Base, ctx: NormalizeContext) => Iterable<ObservationInput>

/** What all observations of one event share. */
interface Base {
  start: number
  end?: number
  source: ReturnType<typeof sourceOf>
  offset: number | null
  zoneBasis: Time['zoneBasis']
  flags?: number
  recordId?: string
}

/** Flow as a code that grows with the flow: 0 none, 1 unspecified, 2 light, 3 medium, 4 heavy. */
const flows = lookup<number>({ none: 0, unspecified: 1, light: 2, medium: 3, heavy: 4 })

const makers: Readonly<Record<string, Make>> = {
  *symptoms({ name, severity }, base) {
    // A symptom that the person says is not there is no symptom.
    if (nameOf(severity ?? '') === 'not_present') return
    yield { shape: 'tag', tag: nameOf(name ?? '') || 'symptom', ...words([severity]), ...base }
  },
  *stateOfMind({ valence, kind, labels, associations }, base, ctx) {
    if (valence != null) yield { shape: 'sample', metric: 'mood', value: valence, unit: '{score}', ...base }
    yield {
      shape: 'tag',
      tag: 'state_of_mind',
      ...words([kind, ...textsOf(labels, ctx), ...textsOf(associations, ctx)]),
      ...base,
    }
  },
  *cycleTracking(event, base, ctx) {
    const name = nameOf(event.name ?? '')
    const word = nameOf(String(event.value ?? ''))
    if (name !== 'menstrual_flow') {
      yield {
        shape: 'tag',
        tag: name || 'cycle',
        ...words([event.value == null ? null : String(event.value)]),
        ...base,
      }
    } else if (Object.hasOwn(flows, word)) {
      yield { shape: 'sample', metric: 'menstrual_flow', value: flows[word] as number, unit: 'code', ...base }
    } else ctx.reject(event, 'unknown_code', 'cycleTracking: a flow is called by a word that is not known')
  },
  *medications({ displayText, status, dosage }, base) {
    // Planned, skipped and snoozed doses were not taken.
    if (status != null && nameOf(status) !== 'taken') return
    yield {
      shape: 'tag',
      tag: 'medication',
      ...words([displayText]),
      ...(dosage == null ? {} : { value: dosage }),
      ...base,
    }
  },
  *ecg({ classification, averageHeartRate }, base) {
    yield { shape: 'tag', tag: 'ecg', ...words([classification]), ...base }
    if (averageHeartRate != null)
      yield { shape: 'sample', metric: 'heart_rate', value: averageHeartRate, unit: '/min', ...base }
  },
  *heartRateNotifications({ name, threshold }, base) {
    yield {
      shape: 'tag',
      tag: nameOf(name ?? '') || 'heart_rate_notification',
      ...(threshold == null ? {} : { value: threshold, unit: '/min' }),
      ...base,
    }
  },
}

/** What a person notes and the watch tells: symptoms, moods, cycle, medication, electrocardiograms, notifications. */
export function* events(data: Data, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const [kind, make] of Object.entries(makers)) {
    for (const item of data[kind] ?? []) {
      const parsed = Event.safeParse(item)
      const event = parsed.success ? parsed.data : null
      const start = timeOf(event?.start ?? event?.date, ctx)
      if (!event || !start) {
        ctx.reject(item, 'schema', `${kind}: an item has no time that can be read`)
        continue
      }
      const end = timeOf(event.end, ctx)
      yield* make(event, baseOf(kind, event, start, end), ctx)
    }
  }
}

function baseOf(kind: string, event: Event, { at, offset, zoneBasis }: Time, end: Time | null): Base {
  return {
    start: at,
    ...(end && end.at > at ? { end: end.at } : {}),
    source: sourceOf(event.source),
    offset,
    zoneBasis,
    ...(event.userEntered ? { flags: Flag.manual } : {}),
    ...(event.id == null ? {} : { recordId: `${kind}/${event.id}` }),
  }
}

function words(parts: readonly (string | null | undefined)[]): { text?: string } {
  const text = parts.flatMap((part) => part?.trim() || []).join('; ')
  return text === '' ? {} : { text: text.slice(0, 10_000) }
}

function textsOf(items: readonly unknown[] | null | undefined, ctx: NormalizeContext): string[] {
  return (items ?? []).flatMap((item) => {
    if (typeof item === 'string' && item.length <= 1000) return item
    ctx.reject(item, 'schema', 'stateOfMind: a label is no word')
    return []
  })
}
