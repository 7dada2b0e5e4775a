import { any, before, family, near } from './phrases.js'

const sudden = any('sudden', 'suddenly', 'all of a sudden', 'out of nowhere', 'just now', 'right now')
const hurting = any(
  'pains?',
  'hurts?',
  'hurting',
  'ach(?:es?|ing)',
  'tight(?:ness|ening)?',
  'pressure',
  'pressing',
  'crush(?:ed|ing)',
  'squeez(?:ed|es|ing)',
  'burn(?:s|ing)',
  'heav(?:y|iness)',
  'discomfort',
  'stabb\\w+',
  'elephant',
)
const gear = '(?! ?(?:strap|straps|belt|band|press|presses|day|fly|flies|workout|monitor|sensor))'
/** Passing out what people hand around is no fainting. */
const handed =
  '(?! (?:the |some |all (?:of )?(?:the )?|my |our )?(?:flyers?|leaflets?|papers?|cards?|sweets|cand(?:y|ies)|food|water|snacks?|drinks?|medals?|brochures?|tickets?|books?|gifts?|samples?)\\b)'
const pill = any(
  'pills?',
  'tablets?',
  'capsules?',
  'painkillers?',
  'paracetamol',
  'acetaminophen',
  'tylenol',
  'ibuprofen',
  'aspirin',
  'insulin',
  'antidepressants?',
)
const crisis = any('stroke', 'heart attack', 'seizure', 'cardiac arrest', 'panic and chest')

const relative = any(
  'he',
  'she',
  'they',
  '(?:my|our|the|a) (?:mum|mom|dad|mother|father|wife|husband|partner|son|daughter|baby|kid|child|toddler|friend|gran\\w*|neighbou?r|brother|sister|man|woman|boy|girl|guy|colleague)',
)
const poison = any(
  pill,
  'bleach',
  'detergent',
  'cleaner',
  'batter(?:y|ies)',
  'antifreeze',
  'poison\\w*',
  'drugs?',
  'meds',
)
const recently = '(?=.*\\b(?:just|today|tonight|this morning|this afternoon|this evening|last night|ago|again|now))'
const fit = '(?:fits?|seizures?|convulsions?|strokes?|heart attack)\\b(?! of| bit)'

/** Red flags of the body: chest pain, breathlessness, fainting, stroke signs, anaphylaxis, bleeding, overdose. */
export const emergency = family(
  near(`${any('chest', 'breastbone', 'sternum', 'rib ?cage')}${gear}`, hurting),
  before(any('left arm', 'jaw'), any('hurts?', 'pain', 'numb', 'tingl\\w+', 'aches?')),
  before('cannot', any('breathe', 'breath', 'catch (?:my|his|her) breath', 'get (?:enough )?air'), 3),
  before(
    any('gasping', 'fighting', 'struggling', 'desperate'),
    any('for air', 'to breathe', 'for breath', '(?:catch|get) (?:my|his|her|their) breath'),
    2,
  ),
  before(any('hardly', 'barely', 'scarcely'), any('breathe', 'get (?:any |enough )?air', 'speak', 'stay awake'), 1),
  `inhaler (?:\\w+ )?(?:not|stopped|does nothing)`,
  before(any('lips?', 'fingers?', 'fingernails'), any('blue', 'bluish', 'grey', 'gray'), 2),
  `${relative}(?: \\w+)? (?:turning|turned|going|gone) blue`,
  before(any('trouble', 'difficulty', 'hard time', 'severe(?:ly)?'), any('breathing', 'breathless(?:ness)?'), 2),
  before(any('short(?:ness)? of breath', 'breathless'), any('at rest', 'lying', 'sitting', 'now', 'even', 'suddenly')),
  `${any('not', 'stopped')} breathing\\b`,
  any('i', 'he', 'she', 'they') +
    `(?: \\w+){0,2} (?:faint(?:ed|ing)|passed out|blacked out|black(?:ing)? out|passing out)${handed}`,
  `${any('about to', 'going to', 'gonna')} (?:faint|pass out|black out)`,
  any('fainted', 'keep fainting', 'feel faint', 'feeling faint', `passed out${handed}`, 'blacked out'),
  `${relative}(?: \\w+){0,2} collapsed`,
  `${relative}(?: \\w+){0,3} not (?:waking|responding|breathing|moving|reacting)`,
  `${relative} (?:will|does|do) not (?:wake|respond|breathe|move|react)`,
  before(any('lost', 'losing', 'loss of'), 'consciousness', 1),
  any('unconscious', 'unresponsive'),
  near('face', any('droop\\w*', 'hanging', 'sagging', 'numb', 'paraly\\w+', 'fall(?:s|ing) on one side'), 4),
  near('speech', any('slur\\w*', 'garbled'), 3),
  before('slurr\\w+', any('speech', 'words'), 2),
  before('cannot', any('speak', 'talk', 'move (?:my|his|her)', 'lift (?:my|his|her)', 'feel (?:my|his|her)'), 2),
  `${near(
    any('arm', 'leg', 'side', 'hand', 'body', 'face'),
    any('went numb', 'numb(?:ness)?', 'weak(?:ness)?', 'paraly\\w+'),
    4,
  )}(?=.*(?:${sudden}|one side|(?:right|left) side|half))`,
  `${sudden}(?=.*(?:numb|paraly\\w+|weak(?:ness)?\\b|cannot (?:see|speak|talk|move)|blind))`,
  before(any('cannot see', 'lost (?:my )?(?:sight|vision)', 'blind in'), any('eye', sudden), 6),
  near(sudden, any('confus\\w+', 'disoriented', 'delirious'), 3),
  any('anaphyla\\w+'),
  before(any('used', 'using', 'need', 'needed', 'jabbed', 'injected', 'took'), 'epi.?pen', 3) + recently,
  near(any('hives', 'rash'), any('wheez\\w+', 'throat', 'swell\\w*', 'swollen', 'breath\\w*'), 6),
  before('throat', any('closing', 'swell\\w*', 'swollen', 'closed', 'tightening'), 3),
  before(any('tongue', 'lips?'), any('swell\\w*', 'swollen'), 3),
  near(
    'bleed\\w*',
    any(
      'will not stop',
      'not stopping',
      'cannot stop',
      'stop',
      'heav\\w+',
      'sever\\w+',
      'badly',
      'a lot',
      'profuse\\w*',
    ),
    3,
  ),
  before(any('cough\\w*', 'vomit\\w*', 'throw\\w* up', 'spit\\w*'), 'blood', 3),
  before('blood in', any('vomit', 'sick', 'stools?', 'poo', 'poop', 'spit'), 1),
  before('worst', 'headache', 2),
  near('stiff neck', any('fever', 'temp\\w*', 'headache', 'rash', 'light hurts'), 6),
  before(any('had', 'has had', 'having'), `an? (?:\\w+ )?${fit}`, 0) + recently,
  before(relative, `(?:swallowed|ate|eaten|drank|drunk|got into)\\W+(?:[\\w']+\\W+){0,4}?${poison}`, 2),
  before(
    any('took', 'taken', 'injected', 'gave myself', 'given myself'),
    `(?:an? |the )?(?:double|twice|too much|triple|extra|wrong)(?: \\w+){0,3} ${any(pill, 'dose', 'dosage')}`,
    2,
  ),
  'thunderclap',
  near(any('sudden', 'suddenly'), 'headache', 3),
  before(any('i', 'he', 'she', 'have', 'an', 'think'), 'overdos\\w+', 3),
  before(
    any('took', 'taken', 'swallowed', 'ate'),
    `${any('too many', '\\d{2,}', 'all (?:of )?(?:my|the|his|her)', '(?:a |the )?whole', 'a (?:bottle|box|pack|handful)')}(?: \\w+){0,3} ${pill}`,
    2,
  ),
  before(
    any('having', 'is having', 'am having', 'think', 'feels like', 'had just', 'just had', 'this is'),
    `(?:an? )?${crisis}`,
    3,
  ),
  before('heart', any('faint', 'pass out', 'black out'), 12),
)

/** Told of the past, or of a family's history: no emergency of now. */
export const history =
  /\b(?:years? ago|months? ago|last (?:year|month|winter|summer|spring|autumn|fall)|in (?:19|20)\d\d|as a (?:child|kid|teen\w*)|family history|history of|runs in (?:my|the) family|when i was|used to)\b/
/** Words that make it one of now after all. */
export const acute =
  /\b(?:now|again|today|tonight|currently|at the moment|am having|is having|still|keeps?|since (?:this )?morning)\b/
/** "no chest pain" and the like, taken out before the rules read. */
export const denied =
  /\b(?:no|without|never(?: had)?|free of|not(?! (?:stop|stopping|help|helping|eas|go|get|improv|reliev)))\b(?: \w+){0,2} (?:chest pains?|breathlessness|shortness of breath|fainting|bleeding|pain)\b/g

const anySelf = any('my ?self', '(?:him|her) ?self', 'them ?sel(?:f|ves)')
/** Self-harm and suicide. */
export const selfHarm = family(
  before(any('kill', 'killing', 'hurt', 'hurting', 'harm', 'harming', 'injure', 'injuring'), anySelf, 0),
  `${before(any('hang', 'hanging', 'drown', 'drowning', 'shoot', 'shooting'), anySelf, 0)}(?! in the foot)`,
  near(anySelf, any('on purpose', 'deliberately', 'intentionally'), 4),
  'cutting (?:again|(?:my|her|his) (?:arms?|wrists?|legs?|thighs?|skin))\\b(?! (?:for|on|before|until|carbs|weight|calories))',
  'slit(?:ting)? (?:my|her|his) wrists?',
  `${before(
    any('jump', 'jumping', 'step', 'stepping', 'throw myself'),
    any('in front of', 'off (?:a|the)', 'under a'),
    1,
  )}(?: \\w+)? (?:train|bus|car|truck|lorry|bridge|roof|building|balcony|cliff)`,
  `${any('goodbye', 'farewell', 'suicide')} (?:letters?|notes?)`,
  before(
    any('painless', 'quick', 'easy', 'easiest', 'best', 'fastest'),
    any('way to (?:die|end|go for ever)', 'way out of life'),
    1,
  ),
  `(?:going to|want to|will|about to|planning to|thinking of|could just) (?:tak(?:e|ing)|swallow(?:ing)?|down)(?: \\w+)? ?(?:all|every|everything|the whole|a whole|a bottle|a handful)(?: \\w+){0,3} ${pill}`,
  'cut(?:ting)? myself\\b(?! (?:some slack|a break|off|short|shaving|while (?:cooking|shaving)|a slice))',
  'self.?harm\\w*',
  'suicid\\w*',
  'unalive',
  'kms\\b',
  before(
    any('want', 'wanna', 'wish', 'ready', 'rather', 'going', 'plan(?:ning)?', 'hope'),
    any('to die', 'be dead', 'i was dead', 'i were dead', 'to be dead', 'to disappear forever', 'disappear forever'),
    4,
  ),
  before(any('end', 'ending', 'take', 'taking', 'finish'), any('my (?:own )?life', 'it all', 'everything for good'), 1),
  before(
    any('do not want', 'would not', 'cannot', 'not'),
    any(
      'to live',
      'to be alive',
      'be alive',
      'to wake up',
      'ever wake up',
      'wake up',
      'to exist',
      'to be here any ?more',
      'go on like this',
    ),
    2,
  ),
  before(any('reason', 'point'), any('to live', 'in living', 'of living', 'in life', 'to go on'), 1),
  before(any('want', 'wish', 'could', 'rather'), 'never wake up', 9),
  'not worth living',
  'better off (?:dead|without me)',
  before(any('pills', 'tablets', 'how much', 'how many'), any('to die', 'to kill'), 5),
)

const days = any('\\d+', 'three', 'four', 'five', 'six', 'seven', 'ten', 'two weeks', 'fourteen')
/** Eating disorders: starving, purging, making up for food, extreme goals. */
export const eating = family(
  'starv(?:e|ing)\\b(?!.*\\bhungry after)',
  any('purg(?:e|es|ing)', 'binge and', 'binging and'),
  before(any('make', 'made', 'making'), any('throw up', 'vomit', 'puke', 'sick'), 1) +
    '(?<=myself (?:throw up|vomit|puke|sick))',
  `how (?:few|little)(?: (?:calories|food|kcals?))? (?:can|could|should|must) i (?:eat|live|survive|get)`,
  before(any('hide', 'hiding'), any('not eating', 'my weight', 'food', 'how little', 'skipping meals'), 5),
  before('how long', any('without food', 'without eating', 'not eating'), 5),
  before('longest', any('without food', 'without eating', 'not eating'), 6),
  before(
    any('only (?:had |drunk |drinking )?water', 'nothing but water', 'not eaten', 'no food'),
    `(?:for|in) (?:the (?:last|past) )?${days}(?: days?)?`,
    3,
  ),
  'bing(?:e|ed|ing|eing)\\b(?!.?watch)(?=.*\\b(?:again|make up|burn|guilt\\w*|compensate|purg\\w*))',
  'chew(?:ed|ing)?(?: \\w+)? and spit',
  before('laxatives?', any('weight', 'lose', 'thin', 'drop', 'skinny', 'slim'), 5),
  before(any('use', 'take', 'best', 'taking', 'using'), 'laxatives?', 2),
  '(?:[1-9]\\d|[1-8]\\d\\d) ?(?:k?cals?|k?calories) (?:a|per|each|every) day',
  '(?:[1-9]\\d|[1-8]\\d\\d) ?(?:k?cals?|k?calories)\\b(?=.*\\b(?:cut|less|enough|too much|restrict))',
  before(any('stop', 'quit', 'without', 'avoid'), 'eating', 1) +
    '(?! (?:late|before|after|at night|out|sugar|meat|gluten|dairy))',
  before('eat', any('nothing', 'even less', 'less and less', 'as little'), 2),
  before('bmi', '(?:1[0-7]|18)(?:\\.\\d)?', 4),
  any('anorexi\\w+', 'bulimi\\w+', 'pro.?ana', 'thinspo\\w*', 'orthorexi\\w+'),
  before(
    any('make up', 'burn off', 'burn', 'compensate', 'punish', 'undo', 'work off'),
    any('i ate', 'eating', 'cake', 'food', 'meal', 'dinner', 'what i eat'),
    8,
  ),
  before(
    'lose',
    '\\d+ ?(?:kg|kilos?|lbs?|pounds)(?: \\w+){0,2} in (?:(?:an?|one|two|\\d+) days?|(?:an?|one|two|[12]) weeks?)',
    1,
  ),
  `${before('fast', `for (?:the next )?${days}(?: days?)?`, 2)}(?=.*(?:skinny|weight|thin|lose|slim))`,
  before('water fast', any(days, 'for'), 2),
  before(any('without eating', 'go without food'), any('weight', 'lose', 'thin'), 6),
  'i feel fat',
  before(any('scared', 'afraid', 'terrified'), any('of food', 'of eating', 'to eat'), 1),
  before('hate', any('my body', 'eating'), 1),
)
