import { defineWearable, type NormalizeContext, type ObservationInput, type WearablePlugin } from '@auren/core'
import { z } from 'zod'

const Payload = z.object({ items: z.array(z.unknown()) })
type Payload = z.infer<typeof Payload>
type Normalize = (payload: Payload, ctx: NormalizeContext) => Iterable<ObservationInput>

/** What a vendor's payload holds. */
export interface Item {
  id?: string
  metric?: string
  at: number
  value: number
  version?: number
  bogus?: boolean
  gone?: boolean
}
const common = { source: { name: 'Mender', type: 'watch' as const }, offset: 60, zoneBasis: 'carried' as const }
/** An item as a sample. */
export const sample = (
  { id, metric = 'heart_rate', at, value, version }: Item,
  more: Partial<Extract<ObservationInput, { shape: 'sample' }>> = {},
): ObservationInput => ({
  shape: 'sample',
  metric,
  start: at,
  value,
  unit: metric === 'weight' ? 'kg' : '/min',
  ...common,
  ...(id === undefined ? {} : { recordId: id }),
  ...(version === undefined ? {} : { version }),
  ...more,
})

/** Has a bug: weight comes in pounds and is taken for kilograms; what it calls bogus is believed; deletions are overread. */
export const buggy: Normalize = function* ({ items }, ctx) {
  for (const item of items as (Item | string)[])
    if (typeof item === 'string') ctx.reject(item, 'unreadable', 'a word')
    else if (!item.gone) yield sample(item)
}
/** Has not. */
export const mended: Normalize = function* ({ items }, ctx) {
  for (const item of items as (Item | string)[]) {
    if (typeof item === 'string') {
      if (item.startsWith('late ')) yield sample({ at: Number(item.slice(5)), value: 77 })
      else ctx.reject(item, 'unreadable', 'a word')
    } else if (item.gone)
      yield {
        shape: 'deletion',
        recordId: String(item.id),
        ...(item.version === undefined ? {} : { version: item.version }),
      }
    else if (!item.bogus)
      yield item.metric === 'weight' ? sample({ ...item, value: item.value * 0.45359237 }) : sample(item)
  }
}

/** The normalizer as it is now. */
export const mending: { normalize: Normalize } = { normalize: buggy }
/** A vendor whose normalizer was mended. */
export const mender = defineWearable({
  kind: 'wearable',
  id: 'mender',
  version: '1.0.0',
  payload: Payload,
  posted: true,
  documents: (document) => (Array.isArray(document) ? [{ items: document }] : null),
  normalize: (payload, ctx) => mending.normalize(payload as Payload, ctx),
  webhook: {
    verify: ({ headers }) => ({ ok: true, ...(headers.id ? { deliveryKey: headers.id } : {}) }),
    plan: (body) => {
      const { account, items } = body as { account: string; items: unknown[] }
      return [{ account, payload: { items } }]
    },
  },
  file: {
    recognises: (name) => name.endsWith('.mend'),
    async *read(file, { cursor }) {
      const lines = Buffer.from(await file.read(0, file.size))
        .toString()
        .split('\n')
      for (let at = Number(cursor ?? 0); at < lines.length; at++) {
        const rejected: { item: unknown; reason: string; detail: string }[] = []
        const observations = [
          ...mending.normalize(
            JSON.parse(lines[at] as string) as Payload,
            {
              reject: (item: unknown, reason: string, detail: string) => rejected.push({ item, reason, detail }),
            } as unknown as NormalizeContext,
          ),
        ]
        yield { observations, rejected, cursor: at + 1, progress: { bytes: at + 1, total: lines.length } }
      }
    },
  },
}) as WearablePlugin
