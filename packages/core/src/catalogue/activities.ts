/** A kind of workout: the canonical name, and what people and platforms call it. */
export interface Activity {
  /** Canonical, snake_case English; what a session's `activity` holds. */
  id: string
  /** Words and phrases that a person uses, lower-case, besides the id itself. Each belongs to one activity only. */
  aliases: readonly string[]
  /** The wider activity that this is a kind of, e.g. `cycling` for `indoor_cycling`. */
  of: string | null
  /** Names of HKWorkoutActivityType without the prefix. */
  healthKit: readonly string[]
  /** Constants of Jetpack Health Connect: ExerciseSessionRecord.EXERCISE_TYPE_* (the platform's own differ). */
  healthConnect: readonly number[]
}

type Row = readonly [id: string, aliases: string, of?: string, healthKit?: string, healthConnect?: readonly number[]]

const rows: readonly Row[] = [
  ['walking', 'walk, walks, walked, stroll, power walk, power walking, brisk walk, dog walk', '', 'Walking', [79]],
  ['treadmill_walking', 'treadmill walk, indoor walk, indoor walking', 'walking'],
  ['nordic_walking', 'nordic walk, pole walking', 'walking'],
  ['hiking', 'hike, hikes, hiked, trek, trekking, hill walk, mountain walk', '', 'Hiking', [37]],
  ['running', 'run, runs, ran, jog, jogs, jogging, jogged, outdoor run', '', 'Running', [56]],
  ['treadmill_running', 'treadmill, treadmill run, indoor run, indoor running', 'running', '', [57]],
  ['trail_running', 'trail run, trail runs, fell running', 'running'],
  ['track_running', 'track run, track workout', 'running'],
  ['track_and_field', 'athletics', '', 'TrackAndField'],
  ['wheelchair', 'wheelchair workout', '', '', [82]],
  ['wheelchair_walking', 'wheelchair walk pace', 'wheelchair', 'WheelchairWalkPace'],
  ['wheelchair_running', 'wheelchair run pace', 'wheelchair', 'WheelchairRunPace'],
  [
    'cycling',
    'cycle, cycled, bike, bikes, biked, biking, bike ride, bike rides, bicycle, bicycling, ride, rides, outdoor bike, outdoor cycling',
    '',
    'Cycling',
    [8],
  ],
  [
    'indoor_cycling',
    'stationary bike, exercise bike, indoor bike, spin, spinning, spin class, spin bike, turbo trainer, biking stationary',
    'cycling',
    '',
    [9],
  ],
  ['mountain_biking', 'mountain bike, mountain bike ride, mtb', 'cycling'],
  ['road_cycling', 'road bike, road ride', 'cycling'],
  ['gravel_cycling', 'gravel ride, gravel bike', 'cycling'],
  ['e_bike_cycling', 'e-bike, ebike, e-bike ride, electric bike', 'cycling'],
  ['hand_cycling', 'handcycle, hand bike', '', 'HandCycling'],
  ['swimming', 'swim, swims, swam', '', 'Swimming'],
  ['pool_swimming', 'pool swim, lap swimming, lap swim, laps in the pool, swimming pool', 'swimming', '', [74]],
  [
    'open_water_swimming',
    'open water swim, open water, sea swim, lake swim, swimming open water',
    'swimming',
    '',
    [73],
  ],
  ['water_fitness', 'aqua fitness, water aerobics, aqua aerobics, aquagym', '', 'WaterFitness'],
  ['triathlon', 'multisport, swim bike run', '', 'SwimBikeRun'],
  ['transition', '', '', 'Transition'],
  [
    'strength_training',
    'strength, weights, weight training, lifting, lift weights, gym, gym session, resistance training, traditional strength training',
    '',
    'TraditionalStrengthTraining',
    [70],
  ],
  [
    'functional_strength_training',
    'functional training, functional strength',
    'strength_training',
    'FunctionalStrengthTraining',
  ],
  ['weightlifting', 'weight lifting, olympic lifting, powerlifting, power lifting', 'strength_training', '', [81]],
  ['core_training', 'core, core workout, core exercise, abs, abs workout', 'strength_training', 'CoreTraining'],
  ['calisthenics', 'bodyweight training, bodyweight workout, body weight exercises', 'strength_training', '', [13]],
  [
    'high_intensity_interval_training',
    'hiit, hiit workout, interval workout, interval training, intervals, tabata',
    '',
    'HighIntensityIntervalTraining',
    [36],
  ],
  ['circuit_training', 'circuit, circuits, circuit workout'],
  ['boot_camp', 'bootcamp', '', '', [10]],
  ['cross_training', 'crosstraining, crossfit', '', 'CrossTraining'],
  [
    'mixed_cardio',
    'cardio, cardio workout, mixed metabolic cardio training',
    '',
    'MixedCardio|MixedMetabolicCardioTraining',
  ],
  ['aerobics', 'aerobic, aerobic workout, aerobic exercise, exercise class', '', '', [26]],
  ['step_training', 'step aerobics, step class', '', 'StepTraining'],
  ['elliptical', 'elliptical trainer, elliptical workout, cross trainer', '', 'Elliptical', [25]],
  ['rowing', 'row, rowed, on-water rowing', '', 'Rowing', [53]],
  ['indoor_rowing', 'rowing machine, indoor row, erg, ergometer', 'rowing', '', [54]],
  ['stair_climbing', 'stairs, stair climb, stair exercise, climbing stairs', '', 'StairClimbing|Stairs', [68]],
  ['stair_climbing_machine', 'stair stepper, stairmaster, stair machine, stepper', 'stair_climbing', '', [69]],
  ['jump_rope', 'jumping rope, skipping, skipping rope, rope skipping', '', 'JumpRope'],
  ['yoga', 'yoga session, yoga class, vinyasa, hot yoga', '', 'Yoga', [83]],
  ['pilates', 'pilates class, reformer', '', 'Pilates', [48]],
  ['barre', 'barre class', '', 'Barre'],
  ['tai_chi', 'taichi, qigong, qi gong', '', 'TaiChi'],
  ['stretching', 'stretch, flexibility, mobility', '', 'Flexibility', [71]],
  ['mind_and_body', 'mind and body workout', '', 'MindAndBody'],
  ['breathing', 'breathing exercise, breathwork, guided breathing', '', '', [33]],
  ['meditation', 'meditate, meditated, mindfulness'],
  ['cooldown', 'cool down', '', 'Cooldown'],
  ['recovery', 'recovery workout, preparation and recovery, warm up', '', 'PreparationAndRecovery'],
  [
    'dance',
    'dancing, danced, zumba, dance class, cardio dance, social dance, ballet',
    '',
    'Dance|CardioDance|SocialDance|DanceInspiredTraining',
    [16],
  ],
  ['gymnastics', '', '', 'Gymnastics', [34]],
  ['boxing', 'box, boxed', '', 'Boxing', [11]],
  ['kickboxing', 'kick boxing, muay thai', '', 'Kickboxing'],
  ['martial_arts', 'martial art, karate, judo, taekwondo, jiu jitsu, bjj', '', 'MartialArts', [44]],
  ['wrestling', '', '', 'Wrestling'],
  ['fencing', '', '', 'Fencing', [27]],
  ['climbing', 'climb, rock climbing, bouldering, indoor climbing', '', 'Climbing', [51]],
  ['soccer', 'football, soccer match, football match, five-a-side, futsal', '', 'Soccer', [64]],
  ['american_football', '', '', 'AmericanFootball', [28]],
  ['australian_football', 'aussie rules, footy', '', 'AustralianFootball', [29]],
  ['rugby', '', '', 'Rugby', [55]],
  ['basketball', 'hoops', '', 'Basketball', [5]],
  ['volleyball', 'beach volleyball', '', 'Volleyball', [78]],
  ['handball', '', '', 'Handball', [35]],
  ['baseball', '', '', 'Baseball', [4]],
  ['softball', '', '', 'Softball', [65]],
  ['cricket', '', '', 'Cricket', [14]],
  ['lacrosse', '', '', 'Lacrosse'],
  ['hockey', 'field hockey', '', 'Hockey'],
  ['ice_hockey', '', 'hockey', '', [38]],
  ['roller_hockey', '', 'hockey', '', [52]],
  ['tennis', 'tennis match', '', 'Tennis', [76]],
  ['table_tennis', 'ping pong', '', 'TableTennis', [75]],
  ['badminton', '', '', 'Badminton', [2]],
  ['squash', '', '', 'Squash', [66]],
  ['racquetball', 'racketball', '', 'Racquetball', [50]],
  ['pickleball', '', '', 'Pickleball'],
  ['padel', 'paddle tennis'],
  ['golf', 'round of golf, golfing', '', 'Golf', [32]],
  ['bowling', '', '', 'Bowling'],
  ['curling', '', '', 'Curling'],
  ['archery', '', '', 'Archery'],
  ['disc_sports', 'frisbee, ultimate, ultimate frisbee, disc golf', '', 'DiscSports', [31]],
  ['snow_sports', 'winter sports', '', 'SnowSports'],
  ['skiing', 'ski, skis, skied', '', '', [61]],
  ['downhill_skiing', 'alpine skiing, downhill ski', 'skiing', 'DownhillSkiing'],
  ['cross_country_skiing', 'cross country ski, nordic skiing, xc skiing, langlauf', 'skiing', 'CrossCountrySkiing'],
  ['ski_touring', 'backcountry skiing, touring skis', 'skiing'],
  ['snowboarding', 'snowboard', '', 'Snowboarding', [62]],
  ['snowshoeing', 'snowshoe, snowshoe hike', '', '', [63]],
  ['skating', 'inline skating, rollerblading, roller skating, skating sports', '', 'SkatingSports', [60]],
  ['ice_skating', 'ice skate', 'skating', '', [39]],
  ['skateboarding', 'skateboard', 'skating'],
  ['paddling', 'paddle, paddle sports, kayak, kayaking, canoe, canoeing', '', 'PaddleSports', [46]],
  ['stand_up_paddling', 'paddleboarding, paddle boarding, stand up paddle boarding, sup', 'paddling'],
  ['surfing', 'surf, surfed, surfing sports', '', 'SurfingSports', [72]],
  ['windsurfing', 'windsurf, wind surfing, wind surf', 'surfing'],
  ['kitesurfing', 'kitesurf, kite surfing, kite surf, kiteboarding', 'surfing'],
  ['sailing', 'sail, sailed', '', 'Sailing', [58]],
  [
    'diving',
    'scuba, scuba diving, underwater diving, snorkeling, snorkelling, freediving',
    '',
    'UnderwaterDiving',
    [59],
  ],
  ['water_polo', '', '', 'WaterPolo', [80]],
  ['water_sports', 'water skiing, wakeboarding', '', 'WaterSports'],
  ['paragliding', '', '', '', [47]],
  ['horseback_riding', 'horse riding, horseback, equestrian sports, riding a horse', '', 'EquestrianSports'],
  ['fishing', '', '', 'Fishing'],
  ['hunting', '', '', 'Hunting'],
  ['fitness_gaming', 'exergaming, active video games', '', 'FitnessGaming'],
  ['play', 'playing with children', '', 'Play'],
  ['housework', 'chores, house work, cleaning'],
  ['gardening', 'garden work, yard work, yardwork'],
  ['sport', 'sports'],
  ['other', 'other workout', '', 'Other', [0]],
]

/** The vocabulary of workouts, canonical names first met first. */
export const activities: readonly Activity[] = rows.map(
  ([id, aliases, of = '', healthKit = '', healthConnect = []]) => ({
    id,
    aliases: listed(aliases, ', '),
    of: of === '' ? null : of,
    healthKit: listed(healthKit, '|'),
    healthConnect,
  }),
)

function listed(text: string, by: string): string[] {
  return text === '' ? [] : text.split(by)
}

const byWords = new Map(
  activities.flatMap(({ id, aliases }) => [
    [plain(id), id] as const,
    ...aliases.map((alias) => [plain(alias), id] as const),
  ]),
)
const byHealthKit = new Map(activities.flatMap(({ id, healthKit }) => healthKit.map((name) => [name, id] as const)))
const byHealthConnect = new Map(
  activities.flatMap(({ id, healthConnect }) => healthConnect.map((type) => [type, id] as const)),
)

/** Lower-case words with single spaces: `Trail-Run ` → `trail run`. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/**
 * Canonical activity that a person's or vendor's words name: the whole phrase, whatever its case and punctuation.
 * @example activityNamed('Interval Workout') // 'high_intensity_interval_training'
 * @returns null where no activity is called so
 */
export function activityNamed(words: string): string | null {
  return byWords.get(plain(words)) ?? null
}

/** Canonical activity of a HKWorkoutActivityType, with or without its prefix; null where it is not known. */
export function activityOfHealthKit(type: string): string | null {
  return byHealthKit.get(type.replace(/^HKWorkoutActivityType/, '')) ?? null
}

/** Canonical activity of a Health Connect EXERCISE_TYPE; null where it is not known. */
export function activityOfHealthConnect(type: number): string | null {
  return byHealthConnect.get(type) ?? null
}

/** The activity and all that are kinds of it: a question about cycling means indoor cycling too. */
export function kindsOf(id: string): string[] {
  return [id, ...activities.filter(({ of }) => of === id).map((kind) => kind.id)]
}
