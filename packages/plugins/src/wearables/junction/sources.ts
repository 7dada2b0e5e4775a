import type { Source, SourceType } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import type { Origin } from './payload.js'

/** Junction's kinds of sources, where they say what measured. */
const kinds = lookup<SourceType>({
  phone: 'phone',
  watch: 'watch',
  app: 'app',
  cuff: 'cuff',
  scale: 'scale',
  ring: 'ring',
  chest_strap: 'band',
  automatic: 'cgm',
  manual_scan: 'cgm',
})

/** What most devices of a provider are, where the kind is not said. */
const providers = lookup<SourceType>({
  oura: 'ring',
  ultrahuman: 'ring',
  garmin: 'watch',
  polar: 'watch',
  fitbit: 'watch',
  whoop: 'band',
  whoop_v2: 'band',
  renpho: 'scale',
  omron: 'cuff',
  omron_ble: 'cuff',
  dexcom: 'cgm',
  dexcom_v3: 'cgm',
  freestyle_libre: 'cgm',
  freestyle_libre_ble: 'cgm',
  abbott_libreview: 'cgm',
  strava: 'app',
  peloton: 'app',
  zwift: 'app',
  my_fitness_pal: 'app',
  my_fitness_pal_v2: 'app',
  cronometer: 'app',
  manual: 'manual',
})

/** Stores in which many devices and apps write: each kind is a source of its own, or a phone would be added to a watch. */
const shared = new Set(['apple_health_kit', 'health_connect', 'samsung_health', 'google_fit'])

/** Junction's slug of the provider; older deliveries have it under `slug` or only a title. */
export function providerOf(origin: Origin): string {
  const given = origin?.provider || origin?.slug || origin?.name || ''
  return given.trim().toLowerCase().replace(/\s+/g, '_') || 'junction'
}

/** Provider, kind of device and, of a shared store, the app: together what Junction tells sources apart by. */
export function sourceOf(origin: Origin): Source {
  const provider = providerOf(origin)
  const kind = origin?.type ?? ''
  const parts = shared.has(provider) ? [origin?.app_id?.trim(), kind === 'unknown' ? '' : kind] : []
  const name = [provider, ...parts.filter((part) => part)].join(' ')
  return {
    name: name.slice(0, 200),
    type: (Object.hasOwn(kinds, kind) ? kinds[kind] : providers[provider]) ?? 'unknown',
  }
}
