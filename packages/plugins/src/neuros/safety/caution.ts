import { any, before, family } from './phrases.js'

const beat = '(?:heart ?)?beats?'
const condition = any(
  'a?fib',
  '(?:atrial )?fibrillation',
  'heart (?:block|murmur|defect|flutter)',
  'angina',
  'long qt',
  '(?:tachy|brady)cardia',
  '(?:pre-?)?diabetic',
  '(?:hypo|hyper)thyroid\\w*',
  'hypotension',
  'copd',
  'dementia',
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
const comparing = String.raw`\b(?:higher|lower|more|less|faster|slower|better|worse|during|when|after|before|since|than|days|nights|while|tag\w*|trend\w*)\b`
/** Not a comparison of readings, which may name an illness as a tag. */
const plainly = `(?<!${comparing}.*)(?!.*${comparing})`
/** Asking for a verdict on health, in either direction. */
export const diagnosis = family(
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
  before(
    `${any('does', 'do', 'could', 'would', 'can', 'might')}(?! you (?:show|tell|list|give|plot|count|compare|find))`,
    `(?:means?|shows?|indicates?|suggests?|points? to|looks? like|sounds? like|counts? as|are|is)\\W+(?:[\\w']+\\W+){0,4}?${condition}`,
    6,
  ) + plainly,
  `(?:is|are) (?:my|the|these|this)(?: [\\w']+){0,5}? ${condition}${plainly}`,
  before(any('says?', 'said', 'thinks?', 'flagged', 'detected', 'shows?', 'showed', 'warned'), condition, 3) +
    '(?=.*\\b(?:right|true|correct|accurate|wrong|worr\\w+|serious|believe|trust|really))',
  `(?:irregular|skipp(?:ed|ing)|missed|missing|extra) ${beat}(?=.*\\b(?:serious|dangerous|normal|worr\\w+|bad|harmless))`,
  '(?:is|are) (?:my|the|this|these) e[ck]gs?(?: \\w+){0,2} (?:ok|okay|normal|fine|healthy|dangerous|bad|abnormal)\\b',
  before(any('does', 'do'), `say\\W+(?:[\\w']+\\W+){0,3}?${any(condition, 'sick', 'ill')}`, 5),
  'diagnos(?:e|is)\\b',
  'what (?:disease|condition|illness|disorder)',
  'is my (?:heart|health|body|pulse|heart rate|hrv)(?: \\w+)? (?:ok|okay|healthy|normal|fine|alright|dangerous)\\b',
)

/** Pregnancy of the person who writes. */
export const pregnancy = family(
  'pregnan\\w+',
  'pregg(?:o|ers)\\b',
  'trimester',
  '(?:i am|we are) expecting(?=[.,;!?]|$| (?:in|and|again|our|twins|triplets|another)\\b)',
  'expecting (?:an?|our|my|another)(?: \\w+)? (?:baby|child|boy|girl|little one)\\b',
  '(?:my |baby.* )due date',
  '^due date',
  '(?:ante|pre)natal',
  '\\d+ weeks along',
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
/** A person, or a child of theirs, under eighteen. */
export const minor = family(
  `i am (?:only |just )?(?:[5-9]|1[0-7]|${young})(?= ?(?:years?\\b|yrs?\\b|yo\\b|y/o|[,.;!?]|$|and\\b))`,
  `i am (?:fourteen|thirteen|fifteen|sixteen|seventeen|twelve|eleven)\\b`,
  before('my', `(?:[1-9]|1[0-7]|${young}).?years?.?old ${child}`, 0),
  before(`my ${child}`, `is (?:[1-9]|1[0-7]|${young})\\b`, 0),
  // Who turns eighteen is not yet.
  `(?:i (?:will |am about to )?turn|turning) (?:[5-9]|1[0-8]|${young})\\b(?! ?(?:k|km|minutes?|%))`,
  `(?:as|being) an? (?:[5-9]|1[0-7]|${young}).?years?.?old`,
  `(?:[5-9]|1[0-7]) ?(?:yo|y/o)\\b`,
  '(?:freshman|sophomore|junior|senior) in high school',
  'i am (?:still )?in (?:primary|elementary|middle|secondary|high) school',
  'i am in year (?:[1-9]|1[0-3])\\b(?! of)',
  'i am an? (?:teen|teenager|minor|child|kid)\\b',
  '(?:in|am in) (?:[1-9]|1[0-2])(?:st|nd|rd|th) grade',
)

/** Words that try to give orders to whatever reads them. */
export const injection = family(
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
  '(?:system|assistant) ?:',
  'new instructions? ?:',
  'repeat (?:everything|all|the (?:text|words)|what is)(?: \\w+){0,3} (?:above|before)',
  '(?:hidden|secret|initial|original) (?:instructions?|rules|prompts?)',
  before(
    any('switch off', 'turn off', 'disable', 'remove'),
    any('filters?', 'safety', 'rules', 'guards?', 'guardrails?'),
    3,
  ),
  before('reveal', any('prompt', 'instructions', 'secrets?', 'keys?'), 4),
  'pretend (?:you are|to be)',
  'act as (?:an? )?(?:doctor|physician|different|un(?:restricted|filtered|censored|limited))',
  'from now on,? you',
  before(
    any('data', 'heart rate', 'sleep', 'steps', 'records?', 'memories'),
    `(?:of|from|for) ${any('another (?:user|person)', 'other (?:users|people|persons)', 'user \\w+', 'all users', 'everyone else')}`,
    2,
  ),
)
