import { any, before, family, near, spoken } from './phrases.js'

/** Rules that a sentence of a person can meet, most urgent first. */
export const ruleNames = [
  'emergency',
  'self_harm',
  'eating_disorder',
  'medication',
  'diagnosis',
  'pregnancy',
  'minor',
  'medication_mentioned',
  'injection',
] as const
/** Name of a rule. */
export type RuleName = (typeof ruleNames)[number]

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

const emergency = family(
  near(`${any('chest', 'breastbone', 'sternum', 'rib ?cage')}${gear}`, hurting),
  before(any('left arm', 'jaw'), any('hurts?', 'pain', 'numb', 'tingl\\w+', 'aches?')),
  before('cannot', any('breathe', 'breath', 'catch (?:my|his|her) breath', 'get (?:enough )?air'), 3),
  before(any('gasping', 'fighting', 'struggling', 'desperate'), any('for air', 'to breathe', 'for breath'), 2),
  before(any('trouble', 'difficulty', 'hard time', 'severe(?:ly)?'), any('breathing', 'breathless(?:ness)?'), 2),
  before(any('short(?:ness)? of breath', 'breathless'), any('at rest', 'lying', 'sitting', 'now', 'even', 'suddenly')),
  `${any('not', 'stopped')} breathing\\b`,
  any('i', 'he', 'she', 'they') +
    '(?: \\w+){0,2} (?:faint(?:ed|ing)|passed out|blacked out|black(?:ing)? out|passing out)',
  `${any('about to', 'going to', 'gonna')} (?:faint|pass out|black out)`,
  any('fainted', 'keep fainting', 'feel faint', 'feeling faint', 'passed out', 'blacked out'),
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
  before('worst', 'headache', 2),
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
const history =
  /\b(?:years? ago|months? ago|last (?:year|month|winter|summer|spring|autumn|fall)|in (?:19|20)\d\d|as a (?:child|kid|teen\w*)|family history|history of|runs in (?:my|the) family|when i was|used to)\b/
const acute =
  /\b(?:now|again|today|tonight|currently|at the moment|am having|is having|still|keeps?|since (?:this )?morning)\b/
/** "no chest pain" and the like, taken out before the rules read. */
const denied =
  /\b(?:no|not|without|never(?: had)?|do not have|free of)\b(?: \w+){0,2} (?:chest pains?|breathlessness|shortness of breath|fainting|bleeding|pain)\b/g

const selfHarm = family(
  before(any('kill', 'killing', 'hurt', 'hurting', 'harm', 'harming', 'injure', 'injuring'), 'my ?self', 0),
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
      'wake up',
      'to exist',
      'to be here any ?more',
      'go on like this',
    ),
    2,
  ),
  before(any('reason', 'point'), any('to live', 'in living', 'of living', 'in life', 'to go on'), 1),
  'not worth living',
  'better off (?:dead|without me)',
  before(any('pills', 'tablets', 'how much', 'how many'), any('to die', 'to kill'), 5),
)

const days = any('\\d+', 'three', 'four', 'five', 'six', 'seven', 'ten', 'two weeks', 'fourteen')
const eating = family(
  'starv(?:e|ing)\\b(?!.*\\bhungry after)',
  any('purg(?:e|es|ing)', 'binge and', 'binging and'),
  before(any('make', 'made', 'making'), any('throw up', 'vomit', 'puke', 'sick'), 1) +
    '(?<=myself (?:throw up|vomit|puke|sick))',
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
  before('lose', '\\d+ ?(?:kg|kilos?|lbs?|pounds)(?: \\w+){0,2} in (?:an?|one|two|\\d) (?:days?|weeks?)', 1),
  `${before('fast', `for (?:the next )?${days}(?: days?)?`, 2)}(?=.*(?:skinny|weight|thin|lose|slim))`,
  before('water fast', any(days, 'for'), 2),
  before(any('without eating', 'go without food'), any('weight', 'lose', 'thin'), 6),
  'i feel fat',
  before(any('scared', 'afraid', 'terrified'), any('of food', 'of eating', 'to eat'), 1),
  before('hate', any('my body', 'eating'), 1),
)

const medicine = any(
  'medications?',
  'medicines?',
  'meds',
  'drugs?',
  'pills?',
  'tablets?',
  'dos(?:e|es|age)',
  'insulin',
  'beta.?blockers?',
  'anti.?depressants?',
  'ssris?',
  'snris?',
  'statins?',
  'blood thinners?',
  'blood pressure (?:pills?|tablets?|meds|medication)',
  'sleeping (?:pills?|tablets?)',
  'painkillers?',
  'lithium',
  'ritalin',
  'methylphenidate',
  'adderall',
  'vyvanse',
  'levothyroxine',
  'thyroxine',
  'melatonin',
  'ibuprofen',
  'aspirin',
  'paracetamol',
  'warfarin',
  'xanax',
  'valium',
  'prednison\\w*',
  'cortisone',
  'metformin',
  'ozempic',
  'semaglutide',
  'sertraline',
  'citalopram',
  'escitalopram',
  'venlafaxine',
  'bupropion',
  'the pill',
  '\\w+olol',
  '(?:lisino|rami|enala|capto|perindo)pril',
  '\\w{3,}sartan',
  '\\w+statin',
  '\\w+azepam',
  '\\w+oxetine',
)
const changing = any(
  'stop(?:ping)?',
  'start(?:ing)?',
  'quit(?:ting)?',
  'skip(?:ping)?',
  'double',
  'halve',
  'increase',
  'raise',
  'lower',
  'reduce',
  'cut(?: down)?',
  'change',
  '(?:come|go|get|wean) off',
  'taper',
  'take',
  'taking',
  'mix',
  'combine',
  'need',
  'switch',
  'half an?',
)
const asking = any(
  'should',
  'shall',
  'can i',
  'could i',
  'may i',
  'is it (?:ok|okay|safe|fine|alright)',
  'would',
  'do i need',
  'how much',
  'how many mg',
  'what dose',
  'want to',
  'going to',
  'am i allowed',
)
const medication = family(
  before(asking, `${changing}\\W+(?:[\\w']+\\W+){0,5}?${medicine}`, 3),
  before(
    any('which', 'what', 'how much', 'how many mg'),
    `${medicine}(?=.*\\b(?:should|take|lowers?|raises?|helps?|reduces?|for))`,
    3,
  ),
  `(?:stop|skip|lower|raise|double|change|quit|reduce|increase|halve)\\W+(?:\\w+\\W+){0,2}?${medicine}`,
  before(any('do i need', 'should i have'), medicine, 3),
  before(any('what dose', 'which dose', 'how many mg'), any('should', 'lowers?', 'of'), 4),
)
const prescribed = family(
  any(
    'beta.?blockers?',
    'anti.?depressants?',
    'ssris?',
    'insulin',
    'my (?:meds|medication|pills|tablets)',
    'ritalin',
    'adderall',
    'lithium',
    'sertraline',
    'citalopram',
    'levothyroxine',
    '\\w+olol',
    '\\w+oxetine',
  ),
)

const condition = any(
  'a?fib',
  'diabet\\w+',
  'a(?:rr|r)h?ythmi\\w*',
  'sleep apn(?:o?)ea',
  'apn(?:o?)ea',
  'covid\\w*',
  '(?:the )?flu',
  'influenza',
  'an? infection',
  'infections?',
  'insomnia',
  'thyroid\\w*',
  'depress\\w+',
  'anxiety',
  'cancer',
  'an(?:a?)emia',
  'hypertension',
  'high blood pressure',
  'heart (?:disease|attack|failure|problem|condition)s?',
  'adhd',
  'asthma',
  'long covid',
  'lyme',
  'pneumonia',
  'sepsis',
  'an? (?:disease|condition|disorder|illness|virus|fever|stroke)',
  'overtrain\\w*',
)
const diagnosis = family(
  before(
    any('do i', 'did i', 'could i', 'might i', 'may i', 'whether i', 'if i'),
    `(?:have|suffer from|get|got|had)\\W+(?:[\\w']+\\W+){0,2}?${condition}`,
    0,
  ),
  before(
    any('is this', 'is it', 'is that', 'could it', 'could this', 'could that', 'might this', 'might it', 'are these'),
    condition,
    5,
  ),
  before('have i got', condition, 2),
  'am i (?:getting |becoming |going )?(?:sick|ill|healthy|diabetic|ok|okay|depressed|anemic|dying|unwell|coming down)',
  before(any('does', 'do', 'would'), `means?\\W+(?:[\\w']+\\W+){0,4}?${any(condition, 'sick', 'ill', 'unhealthy')}`, 8),
  before(any('does', 'do'), `say\\W+(?:[\\w']+\\W+){0,3}?${any(condition, 'sick', 'ill')}`, 5),
  'diagnos(?:e|is)\\b',
  'what (?:disease|condition|illness|disorder)',
  'is my (?:heart|health|body|pulse|heart rate|hrv)(?: \\w+)? (?:ok|okay|healthy|normal|fine|alright|dangerous)\\b',
)

const pregnancy = family(
  'pregnan\\w+',
  'trimester',
  'i am expecting\\b(?! (?:to|that|it|more|less|a (?:package|call)))',
)
const young = any(
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
)
const child = any('son', 'daughter', 'child', 'kid', 'boy', 'girl', 'baby', 'toddler')
const minor = family(
  `i am (?:only |just )?(?:[5-9]|1[0-7]|${young})(?= ?(?:years?\\b|yrs?\\b|yo\\b|y/o|[,.;!?]|$|and\\b))`,
  `i am (?:fourteen|thirteen|fifteen|sixteen|seventeen|twelve|eleven)\\b`,
  before('my', `(?:[1-9]|1[0-7]|${young}).?years?.?old ${child}`, 0),
  before(`my ${child}`, `is (?:[1-9]|1[0-7]|${young})\\b`, 0),
  'i am an? (?:teen|teenager|minor|child|kid)\\b',
  '(?:in|am in) (?:[1-9]|1[0-2])(?:st|nd|rd|th) grade',
)

const injection = family(
  before(
    any('ignore', 'disregard', 'override', 'bypass', 'forget'),
    any('instructions?', 'rules?', 'prompts?', 'guidelines?', 'you were told', 'restrictions?', 'safety'),
    5,
  ),
  any(
    'system prompt',
    'hidden prompt',
    'jailbreak',
    'developer mode',
    'forget_all',
    'no restrictions',
    'dan mode',
    'you are now (?:dan|a|an)\\b',
  ),
  'system ?:',
  before('reveal', any('prompt', 'instructions', 'secrets?', 'keys?'), 4),
  'pretend (?:you are|to be)',
  'act as (?:an? )?(?:doctor|physician|different|unrestricted)',
  before(
    any('data', 'heart rate', 'sleep', 'steps', 'records?', 'memories'),
    `(?:of|from|for) ${any('another (?:user|person)', 'other (?:users|people|persons)', 'user \\w+', 'all users', 'everyone else')}`,
    2,
  ),
)

/** Rules that a person's sentence meets, most urgent first. */
export function rulesOf(text: string): RuleName[] {
  const words = spoken(text)
  const now = words.replace(denied, ' ')
  const met: RuleName[] = []
  if (emergency.test(now) && (!history.test(now) || acute.test(now))) met.push('emergency')
  if (selfHarm.test(words)) met.push('self_harm')
  if (eating.test(words)) met.push('eating_disorder')
  if (medication.test(words)) met.push('medication')
  if (diagnosis.test(words)) met.push('diagnosis')
  if (pregnancy.test(words)) met.push('pregnancy')
  if (minor.test(words)) met.push('minor')
  if (!met.includes('medication') && prescribed.test(words)) met.push('medication_mentioned')
  if (injection.test(words)) met.push('injection')
  return met
}
