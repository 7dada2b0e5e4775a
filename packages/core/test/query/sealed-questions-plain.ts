import {
  between,
  calendar,
  february,
  inside,
  january,
  last,
  metric,
  of,
  on,
  type SealedQuestion,
  since,
  sleep,
  today,
  value,
  workout,
  y2024,
  yesterday,
} from './sealed-terms.js'

/** Measures and periods: one number over one span. */
export const plain: readonly SealedQuestion[] = [
  { text: 'How many steps did I take yesterday?', expected: [of(metric('steps'), 'sum', yesterday)] },
  { text: 'total floors climbed last month', expected: [of(metric('floors_climbed'), 'sum', calendar('month', -1))] },
  {
    text: 'whats my avg resting hr over the past week',
    expected: [of(metric('resting_heart_rate'), 'mean', last(7, 'day'))],
  },
  { text: 'average blood oxygen in january', expected: [of(metric('oxygen_saturation'), 'mean', january)] },
  { text: 'What is my current weight?', expected: [of(metric('weight'), 'last')] },
  { text: 'how heavy was I on 1 March 2025', expected: [of(metric('weight'), 'mean', on('2025-03-01'))] },
  {
    text: 'Mean respiratory rate for the last 30 days',
    expected: [of(metric('respiratory_rate'), 'mean', last(30, 'day'))],
  },
  { text: 'How much caffeine have I had this week?', expected: [of(metric('caffeine'), 'sum', calendar('week', 0))] },
  { text: 'how much water did i drink on tuesday', expected: [of(metric('hydration'), 'sum', on('2025-03-11'))] },
  { text: 'total active calories burned in 2024', expected: [of(metric('energy_active'), 'sum', y2024)] },
  {
    text: 'What was my highest systolic blood pressure this year?',
    expected: [of(metric('blood_pressure_systolic'), 'max', calendar('year', 0))],
  },
  { text: 'lowest diastolic ever', expected: [of(metric('blood_pressure_diastolic'), 'min')] },
  {
    text: 'Median body fat percentage since January 1st',
    expected: [of(metric('body_fat'), 'median', since('2025-01-01'))],
  },
  {
    text: 'What is the standard deviation of my glucose over the last 14 days?',
    expected: [
      of(metric('glucose'), 'sd', last(14, 'day')),
      of(metric('glucose'), 'sd', last(14, 'day'), { over: 'sample' }),
    ],
  },
  {
    text: 'how many minutes of daylight did I get on average each day in February',
    expected: [of(metric('daylight_minutes'), 'mean', february)],
  },
  {
    text: 'How many mindful minutes did I log in the last 4 weeks?',
    expected: [of(metric('mindful_minutes'), 'sum', last(28, 'day'))],
  },
  { text: 'VO2 max latest', expected: [of(metric('vo2_max'), 'last')] },
  { text: "what's my bmi right now", expected: [of(metric('bmi'), 'last')] },
  {
    text: 'First recorded waist circumference?',
    expected: [of(metric('waist_circumference'), 'first')],
  },
  { text: 'my very first weight of 2024', expected: [of(metric('weight'), 'first', y2024)] },
  { text: 'lean mass range last quarter', expected: [of(metric('lean_mass'), 'range', calendar('quarter', -1))] },
  { text: 'What were my carbs yesterday', expected: [of(metric('carbohydrate_intake'), 'sum', yesterday)] },
  {
    text: 'calories eaten per day on average, last 7 days',
    expected: [of(metric('energy_intake'), 'mean', last(7, 'day'))],
  },
  {
    text: 'How loud was it around me on average yesterday?',
    expected: [of(metric('audio_environmental'), 'mean', yesterday)],
  },
  {
    text: 'average headphone volume this month',
    expected: [of(metric('audio_headphone'), 'mean', calendar('month', 0))],
  },
  {
    text: 'how many units of insulin did I take in total the day before yesterday?',
    expected: [of(metric('insulin'), 'sum', calendar('day', -2))],
  },
  {
    text: "what's my average walking heart rate for 2024",
    expected: [of(metric('walking_heart_rate_average'), 'mean', y2024)],
  },
  {
    text: 'heart rate recovery, best value in the last 6 months',
    expected: [of(metric('heart_rate_recovery_1min'), 'max', last(6, 'month'))],
  },
  { text: 'How long was I sedentary on Sunday?', expected: [of(metric('sedentary_minutes'), 'sum', on('2025-03-09'))] },
  { text: 'stand minutes today', expected: [of(metric('stand_minutes'), 'sum', today)] },
  {
    text: 'vigorous minutes per day, last 2 weeks',
    expected: [of(metric('vigorous_minutes'), 'mean', last(14, 'day'))],
  },
  {
    text: 'basal energy average march 2024',
    expected: [of(metric('energy_basal'), 'mean', between('2024-03-01', '2024-03-31'))],
  },
  {
    text: 'total distance walked and run in the past 90 days',
    expected: [
      of(metric('distance'), 'sum', last(90, 'day')),
      of(workout('distance', 'walking', 'running'), 'sum', last(90, 'day')),
    ],
  },
  {
    text: 'how far have i cycled this year in total',
    expected: [
      of(metric('distance_cycling'), 'sum', calendar('year', 0)),
      of(workout('distance', 'cycling'), 'sum', calendar('year', 0)),
    ],
  },
  { text: 'Average mood over February', expected: [of(metric('mood'), 'mean', february)] },
  { text: 'What was my Oura readiness score today?', expected: [of(metric('oura.readiness_score'), 'mean', today)] },
  {
    text: 'Garmin stress average last week',
    expected: [of(metric('garmin.stress_score'), 'mean', calendar('week', -1))],
  },
  { text: 'lowest body battery yesterday', expected: [of(metric('garmin.body_battery'), 'min', yesterday)] },
  { text: 'whoop strain on 5 March', expected: [of(metric('whoop.strain_score'), 'mean', on('2025-03-05'))] },
  {
    text: 'mean apnoea-hypopnoea index since 2025-02-10',
    expected: [of(metric('apnea_hypopnea_index'), 'mean', since('2025-02-10'))],
  },
  {
    text: 'basal body temp average in the last 28 days',
    expected: [of(metric('basal_body_temperature'), 'mean', last(28, 'day'))],
  },
  {
    text: 'What was the maximum of my body temperature between the 3rd and 9th of February?',
    expected: [of(metric('body_temperature'), 'max', between('2025-02-03', '2025-02-09'))],
  },
  { text: 'muscle mass: latest reading', expected: [of(metric('muscle_mass'), 'last')] },
  { text: 'Mean wear time last month', expected: [of(metric('wear_time'), 'mean', calendar('month', -1))] },
  { text: 'calories out yesterday', expected: [of(metric('energy_total'), 'sum', yesterday)] },
  { text: 'how many stepps did i do last thursday', expected: [of(metric('steps'), 'sum', on('2025-03-06'))] },
  { text: 'weight on the 3rd', expected: [of(metric('weight'), 'mean', on('2025-03-03'))] },
  {
    text: 'Show me total steps between 1st Jan and 15th Feb 2025',
    expected: [of(metric('steps'), 'sum', between('2025-01-01', '2025-02-15'))],
  },
  {
    text: 'hey could you tell me roughly how many kilometres I walked the day before yesterday please',
    expected: [
      of(metric('distance'), 'sum', calendar('day', -2)),
      of(workout('distance', 'walking'), 'sum', calendar('day', -2)),
    ],
  },
  {
    text: "what's the most caffeine I've had in a single day this year",
    expected: [of(metric('caffeine'), 'max', calendar('year', 0))],
  },
  { text: 'resp rate yest', expected: [of(metric('respiratory_rate'), 'mean', yesterday)] },
  {
    text: 'How high did my blood sugar get yesterday?',
    expected: [of(metric('glucose'), 'max', yesterday, { over: 'sample' })],
  },
  {
    text: 'Max heart rate in the last 7 days?',
    expected: [of(metric('heart_rate'), 'max', last(7, 'day'), { over: 'sample' })],
  },
  { text: 'body water percentage 3 days ago', expected: [of(metric('body_water'), 'mean', calendar('day', -3))] },
  { text: 'avg bone mass the week before last', expected: [of(metric('bone_mass'), 'mean', calendar('week', -2))] },
  { text: 'How tall am I?', expected: [of(metric('height'), 'last')] },
  {
    text: 'AFib burden over the past two weeks, average please',
    expected: [of(metric('afib_burden'), 'mean', last(14, 'day'))],
  },
  {
    text: 'Elevation gained, year to date, all together',
    expected: [of(metric('elevation_gained'), 'sum', calendar('year', 0))],
  },
  {
    text: 'Typical (median) number of active minutes in August?',
    expected: [of(metric('active_minutes'), 'median', between('2024-08-01', '2024-08-31'))],
  },
  {
    text: 'average of my last 10 weigh-ins',
    expected: [of(metric('weight'), 'mean', { kind: 'all' }, { take: { from: 'last', n: 10 } })],
  },
  {
    text: 'what is the 90th percentile of my resting heart rate in 2024',
    expected: [of(metric('resting_heart_rate'), 'percentile', y2024, { p: 90 })],
  },
  { text: 'distribution of my daily step counts in 2024', expected: [of(metric('steps'), 'distribution', y2024)] },

  // Nights.
  { text: 'How long did I sleep last night?', expected: [of(metric('sleep_duration'), 'sum', today)] },
  { text: 'how much deep sleep do i get on average', expected: [of(metric('sleep_deep'), 'mean')] },
  {
    text: 'On average, what time did I go to bed last week?',
    expected: [of(sleep('start'), 'mean', calendar('week', -1))],
  },
  { text: 'When did I wake up on average in February?', expected: [of(sleep('end'), 'mean', february)] },
  { text: 'latest bedtime this year', expected: [of(sleep('start'), 'max', calendar('year', 0))] },
  {
    text: 'I was wondering what my average bedtime has been for the last fortnight.',
    expected: [of(sleep('start'), 'mean', last(14, 'day'))],
  },
  {
    text: 'sleep efficency avg past 3 months',
    expected: [of(metric('sleep_efficiency'), 'mean', last(3, 'month'))],
  },
  {
    text: 'nights with under 6 hours of sleep in 2024',
    expected: [of(metric('sleep_duration'), 'days', y2024, { where: [value('<', 21_600)] })],
  },
  {
    text: 'how many nights did i get at least 8h in feb?',
    expected: [of(metric('sleep_duration'), 'days', february, { where: [value('>=', 28_800)] })],
  },
  {
    text: 'What was my shortest night in the last 60 days?',
    expected: [
      of(metric('sleep_duration'), 'argmin', last(60, 'day')),
      of(sleep('duration'), 'argmin', last(60, 'day')),
    ],
  },
  {
    text: 'How long does it take me to fall asleep, on average?',
    expected: [of(metric('sleep_latency'), 'mean')],
  },
  {
    text: 'average time awake at night this month',
    expected: [of(metric('sleep_awake'), 'mean', calendar('month', 0))],
  },
  { text: 'Sleep score on 28 Feb', expected: [of(metric('oura.sleep_score'), 'mean', on('2025-02-28'))] },
  {
    text: "What's the best sleep score I've ever had and when?",
    expected: [of(metric('oura.sleep_score'), 'argmax')],
  },
  { text: 'average time in bed in february', expected: [of(sleep('duration'), 'mean', february)] },
  { text: 'light sleep total for last week', expected: [of(metric('sleep_light'), 'sum', calendar('week', -1))] },
  {
    text: 'My hrv while asleep, last 7 days on average',
    expected: [of(metric('hrv_rmssd'), 'mean', last(7, 'day'), { over: 'sample', within: { kind: 'sleep' } })],
  },
  {
    text: 'lowest heart rate during sleep in the last 3 nights',
    expected: [of(metric('heart_rate'), 'min', last(3, 'day'), { over: 'sample', within: { kind: 'sleep' } })],
  },

  // Workouts.
  {
    text: 'How many runs have I done this month?',
    expected: [of(workout('count', 'running'), 'count', calendar('month', 0))],
  },
  {
    text: 'how many times did i do yoga in the last 8 weeks',
    expected: [of(workout('count', 'yoga'), 'count', last(8, 'week'))],
  },
  { text: 'Total time spent swimming in 2024', expected: [of(workout('duration', 'swimming'), 'sum', y2024)] },
  { text: "What's the furthest I've ever hiked?", expected: [of(workout('distance', 'hiking'), 'max')] },
  {
    text: 'How far did I run last week',
    expected: [of(workout('distance', 'running'), 'sum', calendar('week', -1))],
  },
  {
    text: 'average heart rate during my runs in February',
    expected: [of(metric('heart_rate'), 'mean', february, { over: 'sample', within: inside('running') })],
  },
  {
    text: 'peak heart rate in HIIT workouts this year',
    expected: [
      of(metric('heart_rate'), 'max', calendar('year', 0), {
        over: 'sample',
        within: inside('high_intensity_interval_training'),
      }),
      of(workout('heart_rate_max', 'high_intensity_interval_training'), 'max', calendar('year', 0)),
    ],
  },
  {
    text: 'calories burned per ride on average in the past 3 months',
    expected: [of(workout('energy_active', 'cycling'), 'mean', last(3, 'month'))],
  },
  {
    text: "What's the total elevation gain on my hikes last year?",
    expected: [of(workout('elevation_gained', 'hiking'), 'sum', calendar('year', -1))],
  },
  {
    text: 'average duration of my last 5 gym sessions',
    expected: [of(workout('duration', 'strength_training'), 'mean', { kind: 'all' }, { take: { from: 'last', n: 5 } })],
  },
  {
    text: 'Total distance of my first 3 rides in 2025',
    expected: [of(workout('distance', 'cycling'), 'sum', calendar('year', 0), { take: { from: 'first', n: 3 } })],
  },
  { text: 'total rowing distance', expected: [of(workout('distance', 'rowing'), 'sum')] },
  { text: 'trail runs last year', expected: [of(workout('count', 'trail_running'), 'count', calendar('year', -1))] },
  {
    text: 'Sum of active energy over all my workouts last week',
    expected: [of(workout('energy_active'), 'sum', calendar('week', -1))],
  },
  {
    text: 'When was my longest run?',
    expected: [of(workout('distance', 'running'), 'argmax'), of(workout('duration', 'running'), 'argmax')],
  },
  {
    text: 'when was my last swim',
    expected: [
      of(workout('count', 'swimming'), 'last'),
      of(workout('start', 'swimming'), 'last'),
      of(workout('end', 'swimming'), 'last'),
      of(workout('duration', 'swimming'), 'last'),
    ],
  },
  {
    text: 'How many hours did I spend working out in Q4 2024?',
    expected: [of(workout('duration'), 'sum', between('2024-10-01', '2024-12-31'))],
  },
  {
    text: 'cadence during runs this month avg',
    expected: [of(metric('cadence'), 'mean', calendar('month', 0), { over: 'sample', within: inside('running') })],
  },
  {
    text: 'Average power on my bike rides, past 6 weeks',
    expected: [of(metric('power'), 'mean', last(6, 'week'), { over: 'sample', within: inside('cycling') })],
  },
  {
    text: 'the last 3 rows: how long in total?',
    expected: [of(workout('duration', 'rowing'), 'sum', { kind: 'all' }, { take: { from: 'last', n: 3 } })],
  },
  {
    text: 'on how many days did I work out last month',
    expected: [of(workout('count'), 'days', calendar('month', -1))],
  },
  {
    text: 'Longest tennis session last summer',
    expected: [of(workout('duration', 'tennis'), 'max', between('2024-06-01', '2024-08-31'))],
  },
]
