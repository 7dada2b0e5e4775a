import { catalogueLookup, type MetricLookup } from './measure.js'

/** Names of metrics for people, where the id in words will not do. */
const titles: Readonly<Record<string, string>> = {
  hrv_rmssd: 'heart rate variability (RMSSD)',
  hrv_sdnn: 'heart rate variability (SDNN)',
  heart_rate_recovery_1min: 'heart rate recovery after one minute',
  rr_interval: 'beat-to-beat interval',
  oxygen_saturation: 'blood oxygen saturation',
  blood_pressure_systolic: 'systolic blood pressure',
  blood_pressure_diastolic: 'diastolic blood pressure',
  vo2_max: 'VO₂ max',
  bmi: 'body mass index',
  met: 'metabolic equivalent',
  energy_active: 'active energy',
  energy_basal: 'basal energy',
  energy_total: 'total energy',
  audio_environmental: 'environmental sound level',
  audio_headphone: 'headphone sound level',
  distance_cycling: 'cycling distance',
  distance_swimming: 'swimming distance',
  distance: 'walking and running distance',
  sleep_session: 'sleep including naps',
  sleep_duration: 'time asleep',
  sleep_deep: 'deep sleep',
  sleep_rem: 'REM sleep',
  sleep_light: 'light sleep',
  sleep_awake: 'time awake at night',
  sleep_latency: 'time to fall asleep',
  apnea_hypopnea_index: 'breathing disturbances',
  afib_burden: 'atrial fibrillation burden',
  floors_climbed: 'floors climbed',
  workout: 'workouts',
}

/** Words that keep capitals of their own. */
const proper: Readonly<Record<string, string>> = { hrv: 'HRV', rem: 'REM', bmi: 'BMI', vo2: 'VO₂', cgm: 'CGM' }

/** A metric's name for people, lower case: `resting heart rate`, `Oura readiness score`. A plugin's own title where it has one. */
export function metricTitle(id: string, lookup: MetricLookup = catalogueLookup): string {
  const own = titles[id] ?? lookup(id)?.title
  if (own) return own
  const dot = id.indexOf('.')
  if (dot > 0) {
    const vendor = id.slice(0, dot)
    return `${vendor.charAt(0).toUpperCase()}${vendor.slice(1)} ${metricTitle(id.slice(dot + 1), lookup)}`
  }
  return id
    .split('_')
    .map((word) => proper[word] ?? word)
    .join(' ')
}

/** A field of a session for people; `heart_rate_max` → `highest heart rate`. */
export function fieldTitle(field: string, lookup: MetricLookup = catalogueLookup): string {
  const suffix = /_(max|min|mean)$/.exec(field)
  if (!suffix || lookup(field)) return metricTitle(field, lookup)
  const word = { max: 'highest', min: 'lowest', mean: 'mean' }[suffix[1] as 'max' | 'min' | 'mean']
  return `${word} ${metricTitle(field.slice(0, suffix.index), lookup)}`
}

/** An activity or tag for people: `trail_running` → `trail running`. */
export function plainWords(id: string): string {
  return id.replaceAll('_', ' ')
}
