import { plain } from './sealed-questions-plain.js'
import {
  between,
  calendar,
  clock,
  day,
  february,
  field,
  inside,
  january,
  last,
  metric,
  not,
  of,
  type SealedQuestion,
  since,
  sleep,
  tagged,
  value,
  weekdays,
  weekend,
  workout,
  y2024,
  yesterday,
} from './sealed-terms.js'

/** Conditions, groups, comparisons and look-ups. */
const conditioned: readonly SealedQuestion[] = [
  // Conditions.
  {
    text: 'average steps on days when I slept less than 6 hours',
    expected: [of(metric('steps'), 'mean', undefined, { where: [day('sleep_duration', '<', 21_600)] })],
  },
  {
    text: 'mean resting heart rate the day after alcohol',
    expected: [of(metric('resting_heart_rate'), 'mean', undefined, { where: [tagged('alcohol', 1)] })],
  },
  {
    text: 'How long do I sleep on average the night after a workout?',
    expected: [
      of(metric('sleep_duration'), 'mean', undefined, { where: [{ on: 'session', kind: 'workout', shift: 1 }] }),
    ],
  },
  {
    text: 'Average caffeine on weekends in 2024',
    expected: [of(metric('caffeine'), 'mean', y2024, { where: [weekend] })],
  },
  {
    text: 'average REM sleep on weekdays in 2024',
    expected: [of(metric('sleep_rem'), 'mean', y2024, { where: [weekdays] })],
  },
  {
    text: 'mean glucose after 10pm last month',
    expected: [of(metric('glucose'), 'mean', calendar('month', -1), { where: [clock('22:00', '00:00')] })],
  },
  {
    text: 'Average heart rate between 2am and 4am over the past 30 days',
    expected: [of(metric('heart_rate'), 'mean', last(30, 'day'), { where: [clock('02:00', '04:00')] })],
  },
  {
    text: 'steps before 9 in the morning yesterday',
    expected: [of(metric('steps'), 'sum', yesterday, { where: [clock('00:00', '09:00')] })],
  },
  {
    text: 'Active energy on Mondays, average, this year',
    expected: [
      of(metric('energy_active'), 'mean', calendar('year', 0), { where: [{ on: 'weekday', in: ['monday'] }] }),
    ],
  },
  {
    text: 'Median steps from Monday to Thursday in January',
    expected: [
      of(metric('steps'), 'median', january, {
        where: [{ on: 'weekday', in: ['monday', 'tuesday', 'wednesday', 'thursday'] }],
      }),
    ],
  },
  {
    text: 'days with more than 15 floors in the past year',
    expected: [of(metric('floors_climbed'), 'days', last(1, 'year'), { where: [value('>', 15)] })],
  },
  {
    text: 'How often did I drink at least 2 litres of water in February?',
    expected: [of(metric('hydration'), 'days', february, { where: [value('>=', 2_000)] })],
  },
  {
    text: 'How many days was I above 100 mg of caffeine last quarter',
    expected: [of(metric('caffeine'), 'days', calendar('quarter', -1), { where: [value('>', 100)] })],
  },
  {
    text: 'number of days my weight was under 80 kg in 2024',
    expected: [of(metric('weight'), 'days', y2024, { where: [value('<', 80)] })],
  },
  {
    text: 'on how many days last month did I weigh less than 176 lbs',
    expected: [of(metric('weight'), 'days', calendar('month', -1), { where: [value('<', 176 * 0.45359237)] })],
  },
  {
    text: 'How many days have I had 20 mindful minutes or more since the start of the year?',
    expected: [of(metric('mindful_minutes'), 'days', calendar('year', 0), { where: [value('>=', 20)] })],
  },
  {
    text: 'How many days did I travel last year',
    expected: [of({ of: 'tag', tag: 'travel' }, 'days', calendar('year', -1))],
  },
  {
    text: 'how many times was I ill since June 2024',
    expected: [
      of({ of: 'tag', tag: 'illness' }, 'count', since('2024-06-01')),
      of({ of: 'tag', tag: 'illness' }, 'days', since('2024-06-01')),
    ],
  },
  {
    text: 'Mean resting HR on days with over 10,000 steps and less than 7h sleep',
    expected: [
      of(metric('resting_heart_rate'), 'mean', undefined, {
        where: [day('steps', '>', 10_000), day('sleep_duration', '<', 25_200)],
      }),
    ],
  },
  {
    text: 'what does my hrv average in winter',
    expected: [of(metric('hrv_rmssd'), 'mean', undefined, { where: [{ on: 'season', in: ['winter'] }] })],
  },
  {
    text: 'how many runs over 10 km did I do in 2024?',
    expected: [of(workout('count', 'running'), 'count', y2024, { where: [field('distance', '>', 10_000)] })],
  },
  {
    text: 'runs shorter than 30 mins since september',
    expected: [
      of(workout('count', 'running'), 'count', since('2024-09-01'), { where: [field('duration', '<', 1_800)] }),
    ],
  },
  {
    text: 'how many workouts did I start after 6pm last month',
    expected: [of(workout('count'), 'count', calendar('month', -1), { where: [clock('18:00', '00:00')] })],
  },
  {
    text: 'How many tennis matches did I play on Saturdays in 2024?',
    expected: [of(workout('count', 'tennis'), 'count', y2024, { where: [{ on: 'weekday', in: ['saturday'] }] })],
  },
  {
    text: 'total distance of rides longer than 25 miles this year',
    expected: [
      of(workout('distance', 'cycling'), 'sum', calendar('year', 0), {
        where: [field('distance', '>', 25 * 1_609.344)],
      }),
    ],
  },
  {
    text: "Average stress on days I didn't work out in February",
    expected: [
      of(metric('garmin.stress_score'), 'mean', february, { where: [not({ on: 'session', kind: 'workout' })] }),
    ],
  },
  {
    text: 'deep sleep on days when my caffeine was above 200 mg, on average',
    expected: [of(metric('sleep_deep'), 'mean', undefined, { where: [day('caffeine', '>', 200)] })],
  },
  {
    text: 'mean oxygen saturation during sleep last week',
    expected: [
      of(metric('oxygen_saturation'), 'mean', calendar('week', -1), { over: 'sample', within: { kind: 'sleep' } }),
    ],
  },
  {
    text: '10th percentile of heart rate during sleep in february',
    expected: [of(metric('heart_rate'), 'percentile', february, { p: 10, over: 'sample', within: { kind: 'sleep' } })],
  },

  // Best and worst days.
  { text: 'Which day did I have the most steps in 2024?', expected: [of(metric('steps'), 'argmax', y2024)] },
  { text: 'worst hrv day since christmas', expected: [of(metric('hrv_rmssd'), 'argmin', since('2024-12-25'))] },
  {
    text: 'on what date was my weight lowest in the last 12 months?',
    expected: [of(metric('weight'), 'argmin', last(12, 'month'))],
  },
  { text: 'noisiest day last month', expected: [of(metric('audio_environmental'), 'argmax', calendar('month', -1))] },

  // Groups.
  { text: 'Monthly step totals for 2024', expected: [of(metric('steps'), 'sum', y2024, { group: 'month' })] },
  {
    text: 'weekly average resting heart rate for the last 12 weeks',
    expected: [of(metric('resting_heart_rate'), 'mean', last(12, 'week'), { group: 'week' })],
  },
  {
    text: 'Average sleep duration by day of the week',
    expected: [of(metric('sleep_duration'), 'mean', undefined, { group: 'weekday' })],
  },
  {
    text: 'mean weight month by month this year',
    expected: [of(metric('weight'), 'mean', calendar('year', 0), { group: 'month' })],
  },
  {
    text: 'average heart rate by hour yesterday',
    expected: [of(metric('heart_rate'), 'mean', yesterday, { group: 'hour', over: 'sample' })],
  },
  {
    text: 'average daylight per season',
    expected: [of(metric('daylight_minutes'), 'mean', undefined, { group: 'season' })],
  },
  {
    text: 'how many workouts each week this year',
    expected: [of(workout('count'), 'count', calendar('year', 0), { group: 'week' })],
  },
  {
    text: 'Daily caffeine for the past 7 days',
    expected: [
      of(metric('caffeine'), 'sum', last(7, 'day'), { group: 'day' }),
      of(metric('caffeine'), 'mean', last(7, 'day'), { group: 'day' }),
    ],
  },
  { text: 'glucose by quarter in 2024, mean', expected: [of(metric('glucose'), 'mean', y2024, { group: 'quarter' })] },
  {
    text: 'how many workouts by activity this year',
    expected: [of(workout('count'), 'count', calendar('year', 0), { group: 'activity' })],
  },
  {
    text: 'number of runs per weekday',
    expected: [of(workout('count', 'running'), 'count', undefined, { group: 'weekday' })],
  },

  // Comparisons.
  {
    text: 'Compare my steps this week with last week',
    expected: [
      of(metric('steps'), 'sum', calendar('week', 0), { compare: { period: calendar('week', -1) } }),
      of(metric('steps'), 'mean', calendar('week', 0), { compare: { period: calendar('week', -1) } }),
    ],
  },
  {
    text: 'Did I sleep more in February than in January?',
    expected: [
      of(metric('sleep_duration'), 'mean', february, { compare: { period: january } }),
      of(metric('sleep_duration'), 'sum', february, { compare: { period: january } }),
    ],
  },
  {
    text: 'resting heart rate: 2024 vs 2023',
    expected: [
      of(metric('resting_heart_rate'), 'mean', y2024, { compare: { period: between('2023-01-01', '2023-12-31') } }),
    ],
  },
  {
    text: 'Did I do more pilates sessions in February than in January?',
    expected: [of(workout('count', 'pilates'), 'count', february, { compare: { period: january } })],
  },
  {
    text: 'average heart rate while running versus cycling',
    expected: [
      of(metric('heart_rate'), 'mean', undefined, {
        over: 'sample',
        within: inside('running'),
        compare: { within: inside('cycling') },
      }),
    ],
  },
  {
    text: 'do i burn more active calories on weekends than on weekdays',
    expected: [of(metric('energy_active'), 'mean', undefined, { where: [weekend], compare: { where: [weekdays] } })],
  },
  {
    text: 'Avg HRV for the last 30 days against the 30 days before that',
    expected: [
      of(metric('hrv_rmssd'), 'mean', last(30, 'day'), { compare: { period: between('2025-01-12', '2025-02-10') } }),
    ],
  },
  {
    text: 'total floors in March 2024 compared with February 2024',
    expected: [
      of(metric('floors_climbed'), 'sum', between('2024-03-01', '2024-03-31'), {
        compare: { period: between('2024-02-01', '2024-02-29') },
      }),
    ],
  },
  {
    text: 'My average deep sleep on nights after alcohol vs nights without alcohol',
    expected: [
      of(metric('sleep_deep'), 'mean', undefined, {
        where: [tagged('alcohol', 1)],
        compare: { where: [not(tagged('alcohol', 1))] },
      }),
    ],
  },
  {
    text: "HRV on days I did yoga compared to days I didn't",
    expected: [
      of(metric('hrv_rmssd'), 'mean', undefined, {
        where: [{ on: 'session', kind: 'workout', activity: ['yoga'] }],
        compare: { where: [not({ on: 'session', kind: 'workout', activity: ['yoga'] })] },
      }),
    ],
  },
  {
    text: 'Is my blood pressure (the upper one) higher in winter than in summer?',
    expected: [
      of(metric('blood_pressure_systolic'), 'mean', undefined, {
        where: [{ on: 'season', in: ['winter'] }],
        compare: { where: [{ on: 'season', in: ['summer'] }] },
      }),
    ],
  },
  {
    text: 'Do I go to bed later on weekends than on weekdays?',
    expected: [of(sleep('start'), 'mean', undefined, { where: [weekend], compare: { where: [weekdays] } })],
  },

  // Look-ups.
  { text: 'Is my resting heart rate trending up?', expected: [{ pattern: 'trend', metric: 'resting_heart_rate' }] },
  { text: 'has my weight been going down', expected: [{ pattern: 'trend', metric: 'weight' }] },
  { text: "What's my baseline HRV?", expected: [{ pattern: 'baseline', metric: 'hrv_rmssd' }] },
  { text: 'Is my respiratory rate unusual today?', expected: [{ pattern: 'deviation', metric: 'respiratory_rate' }] },
  { text: 'trend of vo2 max', expected: [{ pattern: 'trend', metric: 'vo2_max' }] },
  { text: "what's normal for me for blood oxygen", expected: [{ pattern: 'baseline', metric: 'oxygen_saturation' }] },
  {
    text: 'was my resting heart rate unusual on 1 March?',
    expected: [{ pattern: 'deviation', metric: 'resting_heart_rate', date: '2025-03-01' }],
  },
]

/** What the language of queries cannot say: no number may come back. */
const unanswerable: readonly SealedQuestion[] = [
  "What's my longest streak of days over 10,000 steps?",
  'why am I so tired lately',
  'predict my weight for june',
  'does caffeine correlate with my deep sleep?',
  'how do I compare with other men my age for vo2 max',
  'how many push-ups did I do last week',
  'what was my cholesterol last year',
  'How much protein did I eat yesterday?',
  'average steps in the weeks when my weekly mean HRV was above 60',
  'ratio of deep sleep to REM sleep last night',
  'how many steps will I take tomorrow',
  'how fast was my 3rd kilometre in yesterday’s run',
  'What song did I listen to most while running this year?',
  "what is my wife's average resting heart rate this month",
  'on how many days did I walk more than on the day before',
  'average steps on rainy days in 2024',
  'How many hours did I spend at work last week?',
  'second highest step day of 2024',
].map((text) => ({ text, expected: null }))

/**
 * Questions of many voices, written from the query language and the conventions of its periods by somebody who had
 * seen neither words nor grammar of the parser.
 */
export const sealedQuestions: readonly SealedQuestion[] = [...plain, ...conditioned, ...unanswerable]
