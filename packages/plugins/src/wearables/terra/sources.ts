import type { Source, SourceType } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

const types = lookup<SourceType>({
  GARMIN: 'watch',
  POLAR: 'watch',
  SUUNTO: 'watch',
  COROS: 'watch',
  FITBIT: 'watch',
  SAMSUNG: 'watch',
  HUAWEI: 'watch',
  XIAOMI: 'band',
  WHOOP: 'band',
  OURA: 'ring',
  ULTRAHUMAN: 'ring',
  DEXCOM: 'cgm',
  FREESTYLELIBRE: 'cgm',
  OMRON: 'cuff',
  OMRONUS: 'cuff',
  RENPHO: 'scale',
  STRAVA: 'app',
  MYFITNESSPAL: 'app',
  CRONOMETER: 'app',
})

/** The device where it is named, else the vendor that Terra has it from. */
export function sourceOf(
  provider: string | null | undefined,
  device: { name?: string | null | undefined; manufacturer?: string | null | undefined } | null | undefined,
): Source {
  const vendor = (provider ?? '').trim()
  const name = (device?.name ?? '').trim() || (device?.manufacturer ?? '').trim() || vendor || 'Terra'
  return { name: name.slice(0, 200), type: types[vendor.toUpperCase()] ?? 'unknown' }
}
