// Metrics that are measured at most a few times a day. Storage keeps a month of them in one row instead of a day, and
// a day counts as covered by a single value, so what is logged rather than sampled belongs here too.
// Dense although they look daily: `stress_score` and `body_battery` (Garmin: every three minutes), `insulin` (a pump
// logs its basal rate every few minutes), `skin_temperature` (a patch samples by the minute), `sedentary_minutes`.

const perNightOrDay = [
  'resting_heart_rate',
  'walking_heart_rate_average',
  'skin_temperature_deviation',
  'basal_body_temperature',
  'readiness_score',
  'strain_score',
  'sleep_score',
  'apnea_hypopnea_index',
  'sleep_session',
  'sleep_duration',
  'sleep_deep',
  'sleep_rem',
  'sleep_light',
  'sleep_awake',
  'sleep_latency',
  'sleep_efficiency',
]

const perWorkoutOrWeek = ['heart_rate_recovery_1min', 'vo2_max', 'workout', 'afib_burden']

const onTheScaleOrTape = [
  'weight',
  'height',
  'bmi',
  'body_fat',
  'lean_mass',
  'muscle_mass',
  'bone_mass',
  'body_water',
  'waist_circumference',
]

const takenByHand = ['body_temperature', 'blood_pressure_systolic', 'blood_pressure_diastolic', 'blood_alcohol_content']

const logged = [
  'hydration',
  'caffeine',
  'energy_intake',
  'carbohydrate_intake',
  'mindful_minutes',
  'menstrual_flow',
  'medication_dose',
  'mood',
]

export const sparseMetrics = new Set([
  ...perNightOrDay,
  ...perWorkoutOrWeek,
  ...onTheScaleOrTape,
  ...takenByHand,
  ...logged,
])
