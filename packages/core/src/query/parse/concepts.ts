/** Something that can be measured, as people name it, before it is known where the person has it. */
export interface Concept {
  /** Name of the concept; where nothing else is said also the metric's id. */
  key: string
  /** Phrases that mean it, lower-case words. */
  names: readonly string[]
  /** Metrics of days, best first; a metric of a plugin matches by the part after its dot. */
  days: readonly string[]
  /** Field of workouts that holds it. */
  workout?: string
  /** Field of nights that holds it, where days do not. */
  sleep?: 'start' | 'end' | 'duration'
  /** Other concepts that the words mean together: `blood pressure` is two numbers. */
  also?: readonly string[]
  /** Share of another metric, in per cent, where nobody measures it directly. */
  shareOf?: readonly [part: string, whole: string]
  /** Which way is good; undefined where that depends on the person. */
  better?: 'high' | 'low'
  /** Measured at night, so that what happened the evening before counts. */
  nightly?: boolean
  /** Unit of a number that has none, or how to tell: `sleep` reads up to 24 as hours, `distance` small ones as km. */
  bare?: string | 'sleep' | 'distance'
}

type Row = readonly [key: string, names: string, more?: Omit<Partial<Concept>, 'key' | 'names'>]

const night = { nightly: true, bare: 'sleep' } as const

const rows: readonly Row[] = [
  [
    'heart_rate',
    'heart rate, hr, pulse, heart beat, heartbeat, pulse rate',
    { days: ['heart_rate', 'resting_heart_rate'], workout: 'heart_rate' },
  ],
  [
    'resting_heart_rate',
    'resting heart rate, rhr, resting pulse, resting hr, heart rate at rest, pulse at rest',
    { better: 'low', nightly: true },
  ],
  ['walking_heart_rate_average', 'walking heart rate, heart rate walking, walking heart rate average'],
  ['heart_rate_recovery_1min', 'heart rate recovery, hr recovery, cardio recovery, pulse recovery', { better: 'high' }],
  [
    'hrv',
    'heart rate variability, hrv, hr variability, pulse variability',
    { days: ['hrv_rmssd', 'hrv_sdnn'], better: 'high', nightly: true },
  ],
  ['hrv_rmssd', 'rmssd, hrv rmssd, rmssd hrv', { better: 'high', nightly: true }],
  ['hrv_sdnn', 'sdnn, hrv sdnn, sdnn hrv', { better: 'high', nightly: true }],
  [
    'oxygen_saturation',
    'oxygen saturation, blood oxygen, spo2, oxygen, oxygen level, blood oxygen level, blood oxygen saturation',
    { better: 'high', bare: '%' },
  ],
  [
    'respiratory_rate',
    'respiratory rate, breathing rate, respiration rate, respiration, breath rate, breaths per minute',
    { nightly: true },
  ],
  [
    'body_temperature',
    'body temperature, temperature, fever temperature',
    { days: ['body_temperature', 'skin_temperature', 'skin_temperature_deviation'] },
  ],
  ['basal_body_temperature', 'basal body temperature, basal temperature, bbt'],
  [
    'skin_temperature',
    'skin temperature, wrist temperature',
    { days: ['skin_temperature', 'skin_temperature_deviation'], nightly: true },
  ],
  [
    'skin_temperature_deviation',
    'skin temperature deviation, temperature deviation, skin temperature change',
    { nightly: true },
  ],
  ['blood_pressure', 'blood pressure', { days: [], also: ['blood_pressure_systolic', 'blood_pressure_diastolic'] }],
  [
    'blood_pressure_systolic',
    'systolic, systolic blood pressure, systolic pressure, upper blood pressure',
    { better: 'low' },
  ],
  [
    'blood_pressure_diastolic',
    'diastolic, diastolic blood pressure, diastolic pressure, lower blood pressure',
    { better: 'low' },
  ],
  ['glucose', 'glucose, blood sugar, blood glucose, sugar level, glucose level, blood sugar level'],
  ['blood_alcohol_content', 'blood alcohol, blood alcohol content, blood alcohol level'],
  ['steps', 'step, step count, number of steps, daily steps, pedometer', { workout: 'steps', better: 'high' }],
  [
    'distance',
    'distance, mileage, distance covered, walking distance, walking and running distance',
    { workout: 'distance', better: 'high', bare: 'distance' },
  ],
  [
    'floors_climbed',
    'floors, floors climbed, flights, flights climbed, flights of stairs, floor count',
    { workout: 'floors_climbed', better: 'high' },
  ],
  [
    'elevation_gained',
    'elevation, elevation gain, elevation gained, ascent, altitude gain, altitude gained, vertical gain, metres climbed, climbing metres',
    { workout: 'elevation_gained', better: 'high', bare: 'm' },
  ],
  [
    'energy_active',
    'calorie, calories burned, active calories, active energy, energy burned, energy, active calories burned, calorie burn',
    { days: ['energy_active', 'energy_total'], workout: 'energy_active', better: 'high', bare: 'kcal' },
  ],
  ['energy_basal', 'basal energy, basal metabolic rate, bmr, resting energy, resting calories, basal calories'],
  [
    'energy_total',
    'total energy, energy expenditure, total energy expenditure, tdee, total calories burned, total energy burned, calories out, energy out',
  ],
  [
    'energy_intake',
    'energy intake, calorie intake, calories eaten, calories consumed, dietary calories, dietary energy',
  ],
  [
    'active_zone_minutes',
    'active zone minutes, azm, zone minutes, active zone time',
    { days: ['active_zone_minutes'], workout: 'active_zone_minutes', better: 'high', bare: 'min' },
  ],
  [
    'active_minutes',
    'active minutes, exercise minutes, activity minutes, active time, minutes of activity, minutes of exercise',
    { better: 'high', bare: 'min' },
  ],
  [
    'moderate_minutes',
    'moderate minutes, moderate activity, moderate activity minutes',
    { better: 'high', bare: 'min' },
  ],
  [
    'vigorous_minutes',
    'vigorous minutes, vigorous activity, vigorous activity minutes, intense minutes, intensity minutes',
    { better: 'high', bare: 'min' },
  ],
  [
    'stand_minutes',
    'stand minutes, standing minutes, standing time, stand time, time standing',
    { better: 'high', bare: 'min' },
  ],
  [
    'sedentary_minutes',
    'sedentary minutes, sedentary time, sitting time, time sitting, inactive time, inactive minutes, time spent sitting, sedentary, inactive',
    { better: 'low', bare: 'min' },
  ],
  ['met', 'met, metabolic equivalent', { workout: 'met' }],
  ['weight', 'weight, body weight, body mass, weigh, bodyweight, weigh in, weigh ins', { bare: 'kg' }],
  ['height', 'height'],
  ['bmi', 'bmi, body mass index'],
  ['body_fat', 'body fat, body fat percent, fat percent, body fat level', { bare: '%' }],
  ['lean_mass', 'lean mass, lean body mass', { bare: 'kg' }],
  ['muscle_mass', 'muscle mass, muscle', { better: 'high', bare: 'kg' }],
  ['bone_mass', 'bone mass', { bare: 'kg' }],
  ['body_water', 'body water, body water percent'],
  ['waist_circumference', 'waist circumference, waist, waist size', { bare: 'cm' }],
  [
    'vo2_max',
    'vo2 max, vo2max, vo2, cardio fitness, aerobic fitness, cardiorespiratory fitness, aerobic capacity',
    { better: 'high' },
  ],
  ['hydration', 'hydration, water intake, water, fluid intake, water drunk', { better: 'high' }],
  ['caffeine_intake', 'caffeine intake, caffeine amount, amount of caffeine', { days: ['caffeine'] }],
  ['carbohydrate_intake', 'carbohydrate, carb, carbohydrate intake, carb intake'],
  ['insulin', 'insulin, insulin units, units of insulin'],
  [
    'audio_environmental',
    'noise, noise level, environmental sound, environmental noise, ambient noise, sound level',
    { better: 'low' },
  ],
  ['audio_headphone', 'headphone volume, headphone level, headphone audio, headphone noise', { better: 'low' }],
  ['daylight_minutes', 'daylight, time in daylight, daylight minutes, daylight time', { better: 'high', bare: 'min' }],
  [
    'mindful_minutes',
    'mindful minutes, mindfulness minutes, meditation minutes, mindful time',
    { better: 'high', bare: 'min' },
  ],
  ['stress_score', 'stress score, stress level', { better: 'low' }],
  ['body_battery', 'body battery, body battery level', { better: 'high' }],
  ['readiness_score', 'readiness, readiness score, recovery score, training readiness', { better: 'high' }],
  ['strain_score', 'strain, strain score, day strain, daily strain'],
  [
    'sleep_score',
    'sleep score, sleep quality, quality of sleep',
    { days: ['sleep_score', 'sleep_efficiency'], better: 'high', nightly: true },
  ],
  ['cadence', 'cadence, step rate, step frequency, stride rate', { workout: 'cadence' }],
  ['power', 'power, power output, wattage', { workout: 'power', better: 'high' }],
  ['speed', 'speed, velocity, pace', { workout: 'speed', better: 'high' }],
  ['afib_burden', 'afib burden, atrial fibrillation burden, afib', { better: 'low' }],
  [
    'apnea_hypopnea_index',
    'breathing disturbances, apnea hypopnea index, apnoea hypopnoea index, sleep apnoea index, ahi, sleep apnea index, apnea index',
    { better: 'low', nightly: true },
  ],
  [
    'sleep_duration',
    'sleep, asleep, sleep duration, sleep time, sleep length, time asleep, time slept, total sleep, total sleep time, sleep without naps, sleep excluding naps, sleep duration without naps, length of sleep, amount of sleep, duration of sleep',
    { better: 'high', ...night },
  ],
  ['sleep_session', 'sleep including naps, sleep with naps, sleep and naps', night],
  [
    'sleep_deep',
    'deep sleep, deep sleep duration, deep sleep time, slow wave sleep, sws, time in deep sleep',
    { better: 'high', ...night },
  ],
  [
    'sleep_rem',
    'rem, rem sleep, rem sleep duration, rem sleep time, rem time, dream sleep, time in rem sleep',
    { better: 'high', ...night },
  ],
  ['sleep_light', 'light sleep, light sleep duration, light sleep time, core sleep, time in light sleep', night],
  [
    'sleep_awake',
    'awake, time awake, awake time, awake at night, time awake at night, wake after sleep onset, waso, waking at night',
    { better: 'low', ...night, bare: 'min' },
  ],
  [
    'sleep_latency',
    'sleep latency, time to fall asleep, sleep onset latency, falling asleep time',
    { better: 'low', ...night, bare: 'min' },
  ],
  ['sleep_efficiency', 'sleep efficiency, efficiency of sleep', { better: 'high', nightly: true, bare: '%' }],
  [
    'deep_sleep_percent',
    'deep sleep percent, percent deep sleep, percent of deep sleep, deep percent, share of deep sleep, proportion of deep sleep, percent of my sleep is deep, share of my sleep is deep, proportion of my sleep is deep, fraction of my sleep is deep',
    { shareOf: ['sleep_deep', 'sleep_duration'], better: 'high', nightly: true, bare: '%' },
  ],
  [
    'rem_sleep_percent',
    'rem sleep percent, percent rem sleep, percent of rem sleep, rem percent, share of rem sleep, proportion of rem sleep, percent of my sleep is rem, share of my sleep is rem, proportion of my sleep is rem, fraction of my sleep is rem',
    { shareOf: ['sleep_rem', 'sleep_duration'], better: 'high', nightly: true, bare: '%' },
  ],
  [
    'light_sleep_percent',
    'light sleep percent, percent light sleep, percent of light sleep, light percent, share of light sleep, proportion of light sleep, percent of my sleep is light, share of my sleep is light, proportion of my sleep is light, fraction of my sleep is light',
    { shareOf: ['sleep_light', 'sleep_duration'], nightly: true, bare: '%' },
  ],
  [
    'awake_percent',
    'awake percent, percent awake, awake time percent',
    { days: ['awake_percent'], better: 'low', nightly: true, bare: '%' },
  ],
  [
    'bedtime',
    'bedtime, bed time, go to bed, time to bed, sleep start, get to bed, in bed by, sleep onset time, go to sleep, fall asleep',
    { days: [], sleep: 'start', nightly: true },
  ],
  [
    'wake_time',
    'wake up, wake up time, wake time, waking time, waking up time, get up, rise time, sleep end, wake',
    { days: [], sleep: 'end', nightly: true },
  ],
  ['time_in_bed', 'time in bed, in bed, spend in bed', { days: [], sleep: 'duration', ...night }],
  [
    'duration',
    'duration, length, workout time, exercise time, time spent, workout duration, exercise duration, training time',
    { days: [], workout: 'duration', better: 'high', bare: 'min' },
  ],
  ['mood', 'mood, mood score', { better: 'high' }],
  ['wear_time', 'wear time, time worn', { bare: 'min' }],
]

/** What can be asked about; each phrase means one concept only. */
export const concepts: readonly Concept[] = rows.map(([key, names, more = {}]) => ({
  key,
  names: names.split(', '),
  days: [key],
  ...more,
}))

/** A concept by its key, for rules that mean one without its words being said. */
export function conceptOf(key: string): Concept {
  return concepts.find((concept) => concept.key === key)!
}

/** Concepts of tags that some devices measure. */
export const tagConcepts: Readonly<Record<string, string>> = { stress: 'stress_score', caffeine: 'caffeine_intake' }

/** Words for what people do or meet, which are tags of days. */
export const tagWords: readonly (readonly [tag: string, words: string])[] = [
  ['alcohol', 'alcohol, alcoholic drink, alcoholic drinks, drinking, drink alcohol, wine, beer, booze, drinks'],
  ['caffeine', 'caffeine, coffee, espresso, drink coffee'],
  ['illness', 'illness, ill, sick, sickness, flu, cold, being ill, being sick'],
  ['travel', 'travel, travelling, traveling, trip, jet lag, jetlag'],
  ['stress', 'stress, stressed, stressful'],
  ['late_meal', 'late meal, late dinner, late eating, eat late, heavy dinner'],
  ['sauna', 'sauna'],
  ['nap', 'nap, napping'],
  ['medication', 'medication, medicine, pill'],
  ['vacation', 'vacation, holiday'],
  ['party', 'party, partying'],
  ['cold_shower', 'cold shower, cold plunge, ice bath'],
  ['menstruation', 'menstruation, menstrual period, menstruating'],
  ['headache', 'headache, migraine'],
  ['screen_time', 'screen time, screens before bed'],
  ['reading', 'reading in bed, read in bed'],
]
