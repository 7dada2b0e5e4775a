import type { Source, SourceType } from '@auren/core'

/** Ranges of model numbers, by kind of device. The mats of the sleep monitors (60-63) have no kind here. */
const kinds: readonly (readonly [first: number, last: number, type: SourceType])[] = [
  [1, 13, 'scale'],
  [41, 46, 'cuff'],
  [51, 59, 'watch'],
  [90, 99, 'watch'],
  [1051, 1054, 'phone'],
  [1055, 1056, 'app'],
  [1057, 1057, 'phone'],
  [1058, 1058, 'watch'],
  [1059, 1060, 'phone'],
  [1062, 1062, 'app'],
]

/** The device, as Withings names it: its model. */
export function deviceOf(model: string | number | null | undefined, modelId?: number | null, manual = false): Source {
  const id = modelId ?? (typeof model === 'number' ? model : undefined)
  const type = id === undefined ? undefined : kinds.find(([first, last]) => id >= first && id <= last)?.[2]
  const name = typeof model === 'string' ? model.trim().slice(0, 150) : ''
  return {
    name: name === '' ? 'Withings' : `Withings ${name}`,
    type: manual ? 'manual' : (type ?? 'unknown'),
  }
}

/** What recorded a night: 16 is a tracker on the wrist, 32 the mat under the mattress. */
export function sleeperOf(model: string | number | null | undefined, modelId?: number | null): Source {
  if (model === 16) return { name: 'Withings', type: 'watch' }
  if (model === 32) return { name: 'Withings Sleep', type: 'unknown' }
  return deviceOf(model, modelId)
}
