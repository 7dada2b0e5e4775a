import { lookup } from '../../vendor/lookup.js'

/** How one record type of HealthKit becomes a sample. */
export interface QuantityType {
  metric: string
  /** The metric's unit where HealthKit says `count`, which alone does not tell what is counted. */
  count?: string
  /** HealthKit's `%`: values up to this are fractions (see `percentOf`). */
  fraction?: number
}

const quantity = 'HKQuantityTypeIdentifier'

/** Quantity types that are read: the healthkit column of the catalogue. */
export const quantities: ReadonlyMap<string, QuantityType> = new Map<string, QuantityType>([
  [`${quantity}HeartRate`, { metric: 'heart_rate' }],
  [`${quantity}RestingHeartRate`, { metric: 'resting_heart_rate' }],
  [`${quantity}WalkingHeartRateAverage`, { metric: 'walking_heart_rate_average' }],
  [`${quantity}HeartRateRecoveryOneMinute`, { metric: 'heart_rate_recovery_1min' }],
  [`${quantity}HeartRateVariabilitySDNN`, { metric: 'hrv_sdnn' }],
  [`${quantity}OxygenSaturation`, { metric: 'oxygen_saturation', fraction: 1 }],
  [`${quantity}RespiratoryRate`, { metric: 'respiratory_rate' }],
  [`${quantity}BodyTemperature`, { metric: 'body_temperature' }],
  [`${quantity}BasalBodyTemperature`, { metric: 'basal_body_temperature' }],
  [`${quantity}AppleSleepingWristTemperature`, { metric: 'skin_temperature' }],
  [`${quantity}BloodPressureSystolic`, { metric: 'blood_pressure_systolic' }],
  [`${quantity}BloodPressureDiastolic`, { metric: 'blood_pressure_diastolic' }],
  [`${quantity}BloodGlucose`, { metric: 'glucose' }],
  [`${quantity}BloodAlcoholContent`, { metric: 'blood_alcohol_content', fraction: 0.01 }],
  [`${quantity}StepCount`, { metric: 'steps', count: '{steps}' }],
  [`${quantity}DistanceWalkingRunning`, { metric: 'distance' }],
  [`${quantity}DistanceCycling`, { metric: 'distance_cycling' }],
  [`${quantity}DistanceSwimming`, { metric: 'distance_swimming' }],
  [`${quantity}FlightsClimbed`, { metric: 'floors_climbed', count: '{floors}' }],
  [`${quantity}ActiveEnergyBurned`, { metric: 'energy_active' }],
  [`${quantity}BasalEnergyBurned`, { metric: 'energy_basal' }],
  [`${quantity}AppleExerciseTime`, { metric: 'active_minutes' }],
  [`${quantity}AppleStandTime`, { metric: 'stand_minutes' }],
  [`${quantity}PhysicalEffort`, { metric: 'met' }],
  [`${quantity}BodyMass`, { metric: 'weight' }],
  [`${quantity}Height`, { metric: 'height' }],
  [`${quantity}BodyMassIndex`, { metric: 'bmi', count: 'kg/m2' }],
  [`${quantity}BodyFatPercentage`, { metric: 'body_fat', fraction: 1 }],
  [`${quantity}LeanBodyMass`, { metric: 'lean_mass' }],
  [`${quantity}WaistCircumference`, { metric: 'waist_circumference' }],
  [`${quantity}VO2Max`, { metric: 'vo2_max' }],
  [`${quantity}DietaryWater`, { metric: 'hydration' }],
  [`${quantity}DietaryCaffeine`, { metric: 'caffeine' }],
  [`${quantity}DietaryEnergyConsumed`, { metric: 'energy_intake' }],
  [`${quantity}DietaryCarbohydrates`, { metric: 'carbohydrate_intake' }],
  [`${quantity}InsulinDelivery`, { metric: 'insulin' }],
  [`${quantity}EnvironmentalAudioExposure`, { metric: 'audio_environmental' }],
  [`${quantity}HeadphoneAudioExposure`, { metric: 'audio_headphone' }],
  [`${quantity}TimeInDaylight`, { metric: 'daylight_minutes' }],
  [`${quantity}CyclingCadence`, { metric: 'cadence' }],
  [`${quantity}CyclingPower`, { metric: 'power' }],
  [`${quantity}RunningPower`, { metric: 'power' }],
  [`${quantity}RunningSpeed`, { metric: 'speed' }],
  [`${quantity}AtrialFibrillationBurden`, { metric: 'afib_burden', fraction: 1 }],
  // HealthKit counts disturbances per hour of sleep, in the unit `count`.
  [`${quantity}AppleSleepingBreathingDisturbances`, { metric: 'apnea_hypopnea_index', count: '/h' }],
  ['HKStateOfMind', { metric: 'mood', count: '{score}' }],
])

/** Types that become something else than a sample of a quantity. */
export const special = {
  sleep: 'HKCategoryTypeIdentifierSleepAnalysis',
  mindful: 'HKCategoryTypeIdentifierMindfulSession',
  menstrualFlow: 'HKCategoryTypeIdentifierMenstrualFlow',
  alcohol: `${quantity}NumberOfAlcoholicBeverages`,
} as const

/** What is known and on purpose not read, with the reason that the import's report gives. */
export const ignored: ReadonlyMap<string, string> = new Map([
  ['HKCategoryTypeIdentifierAppleStandHour', 'Hours with a minute of standing: AppleStandTime holds the minutes.'],
  ['ActivitySummary', 'The rings: sums of records that are read themselves, so they would count twice.'],
  ['WorkoutRoute', 'A place in files of its own: positions are not imported.'],
  ['HKWorkoutRoute', 'Positions are not imported.'],
  [
    'HeartRateVariabilityMetadataList',
    'Beats as whole numbers per minute: too coarse for intervals between beats; the SDNN of the same minute is read.',
  ],
  ['HKHeartbeatSeriesSample', 'The export names the series but does not hold its beats.'],
  ['Me', 'Birth date, sex and blood type belong to the profile, which the person fills in.'],
  ['HKMedicationDoseEvent', 'Doses are not imported.'],
  ['ClinicalRecord', 'Clinical documents are not imported.'],
  ['Audiogram', 'Audiograms are not imported.'],
  ['VisionPrescription', 'Prescriptions are not imported.'],
])

/**
 * Menstrual flow as a code that grows with the flow: 0 none, 1 unspecified, 2 light, 3 medium, 4 heavy. HealthKit's own
 * integers put `none` last (5), which would make it the day's maximum.
 */
export function flowCode(value: string): number | null {
  const word = value.replace(/^HKCategoryValue(MenstrualFlow|VaginalBleeding)/, '')
  const codes = lookup<number>({
    None: 0,
    Unspecified: 1,
    Light: 2,
    Medium: 3,
    Heavy: 4,
    '5': 0,
    '1': 1,
    '2': 2,
    '3': 3,
    '4': 4,
  })
  return Object.hasOwn(codes, word) ? (codes[word] as number) : null
}
