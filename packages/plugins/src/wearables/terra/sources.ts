import type { Source, SourceType } from '@auren/core'
import { isClosedToModels } from '../../vendor/closed.js'
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

/**
 * The device where it is named, else the vendor that Terra has it from. A vendor whose data are kept from models stays
 * in the name: with the device alone it would not be known whose they are.
 */
export function sourceOf(
  provider: string | null | undefined,
  device: { name?: string | null | undefined; manufacturer?: string | null | undefined } | null | undefined,
): Source {
  const vendor = (provider ?? '').trim()
  const own = (device?.name ?? '').trim() || (device?.manufacturer ?? '').trim()
  const name = own && isClosedToModels(vendor) ? `${vendor}: ${own}` : own || vendor || 'Terra'
  return { name: name.slice(0, 200), type: types[vendor.toUpperCase()] ?? 'unknown' }
}
