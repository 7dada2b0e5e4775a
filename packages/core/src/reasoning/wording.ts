/**
 * What must not be said however it is bound (analysis of harms: no diagnosis, no cause, no reassurance, no judgement),
 * and the words that need a comparison to stand on.
 */

/** A rule that a sentence broke. */
export type WordingRule = 'cause' | 'diagnosis' | 'disease' | 'reassurance' | 'treatment' | 'judgement' | 'you_have'

const forbidden: readonly [WordingRule, RegExp][] = [
  [
    'cause',
    /\b(?:because|caus(?:e|ed|es|ing|al)|due to|owing to|thanks to|(?:leads?|led|leading) to|results? (?:in|from)|resulted (?:in|from)|as a result|triggers?|triggered|responsible for|effects?|affect(?:s|ed|ing)?|impact(?:s|ed|ing)?|explains?|explained|the reason|that is why|that's why|makes? (?:you|your)|made (?:you|your)|prevents?|protects?|harms?|hurts?|helps? (?:you|your)|boost(?:s|ed|ing)?|proves?|proven)\b/,
  ],
  [
    'diagnosis',
    /\b(?:diagnos\w*|detect(?:s|ed|ing|ion)?|suffer(?:s|ing)?|symptomatic|medical[- ]grade|clinical(?:ly)?|patholog\w*|consistent with|sign of|signs of|indicat(?:es|ive) of|at risk|risks? of|risk for|probability of|chances? of|likely to (?:get|have|develop)|contagious|injur(?:y|ies|ed))\b/,
  ],
  [
    'reassurance',
    /\b(?:nothing to worry|no need to worry|do(?:n't| not) worry|you(?:'re| are) (?:fine|ok|okay|well|healthy|safe)|all clear|perfectly|rest assured|you (?:do not|don't) have|no reason (?:for|to))\b/,
  ],
  [
    'you_have',
    /\byou(?:'ve| have| may have| might have| could have| probably have)\b(?! (?:asked|said|told|written|mentioned|recorded|logged|measured)\b)/,
  ],
  [
    'treatment',
    /\b(?:treat(?:s|ed|ing|ment)?|therap(?:y|ies)|cure[sd]?|prescri\w*|dos(?:e|es|age|ing)|medicat\w*|medicines?|drugs?|pills?|tablets?|supplements?|calorie deficit|fasting|lose weight|weight loss)\b/,
  ],
  [
    'judgement',
    /\b(?:better|worse|improv\w*|deteriorat\w*|worsen\w*|good|bad|badly|poor|poorly|great|excellent|perfect|optimal|ideal|healthy|unhealthy|healthier|normal(?:ly)?|abnormal(?:ly)?|fine|concerning|worrying|alarming|dangerous|impressive|disappointing|should (?:be|worry))\b/,
  ],
]

const diseases =
  /\b(?:diabet\w*|prediabet\w*|hyperten\w*|hypoten\w*|apn(?:o?)ea|afib|a-fib|fibrillation|arrhythm\w*|tachycardi\w*|bradycardi\w*|heart (?:attack|failure|disease)|infarct\w*|cardiomyopath\w*|angina|stroke|embol\w*|thrombos\w*|depress(?:ion|ed|ive)|anxiety|bipolar|psychos\w*|schizophren\w*|insomnia|narcoleps\w*|adhd|autis\w*|anorexi\w*|bulimi\w*|covid(?:-19)?|corona(?:virus)?|influenza|flu|pneumonia|bronchitis|sepsis|infect(?:ion|ions|ed)|virus(?:es)?|cold|fever|cancer\w*|tumou?r\w*|leuk(?:a?)emia|lymphoma|an(?:a?)emi\w*|asthma\w*|copd|thyroid\w*|hyperthyroid\w*|hypothyroid\w*|graves|addison|cushing|pcos|endometrios\w*|menopaus\w*|pregnan\w*|parkinson\w*|alzheimer\w*|dementia|epilep\w*|migraines?|sclerosis|arthrit\w*|lupus|fibromyalgia|chronic fatigue|burn-?out|overtrain\w*|overreach\w*|kidney disease|liver disease|cirrhosis|hepatitis|obes\w*|metabolic syndrome|syndrome|disorders?|diseases?|deficienc\w*|hypoglyc\w*|hyperglyc\w*|hypox\w*|allerg\w*)\b/

/** The first rule of wording that a sentence breaks, or null. */
export function brokenRule(text: string): WordingRule | null {
  const lower = text.toLowerCase().replace(/[’‘]/g, "'")
  const judged = lower.replace(/\b(?:as well|for good|good (?:morning|night|evening))\b/g, ' ')
  for (const [rule, pattern] of forbidden) if (pattern.test(judged)) return rule
  if (/\bwell\b/.test(judged.replace(/\bas well\b|\bwell,/g, ' '))) return 'judgement'
  return diseases.test(lower) ? 'disease' : null
}

/** What a sentence claims about direction, rank or equality. */
export interface Claims {
  up: boolean
  down: boolean
  same: boolean
  /** Some comparison, without a direction. */
  compared: boolean
  highest: boolean
  lowest: boolean
  /** best, worst, record: the person's own words or nobody's. */
  prize: string | null
  /** A direction together with a negation, whose sign cannot be told. */
  negated: boolean
}

const idioms =
  /\b(?:(?:wake|woke|waking|woken|get|got|getting|wind|look|looking|sum|summing|follow|followed|add|adds|make|made|pick|bring|set|end|ended) up|up to|follow-up|(?:fall|fell|falling|fallen) asleep|(?:calm|wind|winding|slow|lie|lay|write|break) down|more (?:about|on|detail|details|data|precisely|recent)|(?:say|tell|know|see|learn|ask) (?:me |you )?more|once more|no more|any more|rather than|other than|over the|at least|at most|at best|under way|sooner or later|at the latest|at the earliest|same (?:data|question|period|days|source|device))\b/g
const up =
  /\b(?:up|upwards?|higher|more|above|r[oi]se[ns]?|rising|increas\w*|grew|grow[ns]?|growing|climb\w*|longer|later|greater|larger|bigger|exceed\w*|gain(?:s|ed|ing)?|faster|elevated|raised|surg\w*|jump\w*|heavier|warmer|hotter|stronger|lengthen\w*|outpac\w*|spik\w*)\b/
const down =
  /\b(?:down|downwards?|lower\w*|less|below|f[ae]ll|fallen|falls|falling|drop(?:s|ped|ping)?|decreas\w*|declin\w*|shorter|earlier|smaller|fewer|under|beneath|reduc\w*|slower|dip(?:s|ped|ping)?|shr[aiu]nk|sank|sunk|lighter|cooler|colder|weaker|shorten\w*|lack\w*|missing out)\b/
const same =
  /\b(?:same|unchanged|similar(?:ly)?|equals?|equally|stable|steady|constant|flat|level with|identical|in line)\b/
const compared =
  /\b(?:differ\w*|compar\w*|than|versus|vs|unlike|whereas|trend\w*|shift\w*|chang(?:e|es|ed|ing)|usual|outside|unusual\w*|typical\w*)\b/
const highest = /\b(?:highest|longest|latest|largest|greatest|biggest|fastest|max(?:imum|imal)?|peak\w*|top|heaviest)\b/
const lowest = /\b(?:lowest|least|fewest|shortest|earliest|smallest|slowest|min(?:imum|imal)?|bottom|lightest)\b/
const prize = /\b(?:best|worst|record|ranked?|ranks)\b/
const negation = /\b(?:no|not|never|neither|nor|hardly|barely|without)\b|n't\b/

/** Reads the claims of a sentence; placeholders are taken out before. */
export function claimsOf(text: string): Claims {
  const lower = text.toLowerCase().replace(/[’‘]/g, "'").replace(idioms, ' ')
  const claim = { up: up.test(lower), down: down.test(lower) }
  return {
    ...claim,
    same: same.test(lower),
    compared: compared.test(lower),
    highest: highest.test(lower),
    lowest: lowest.test(lower),
    prize: prize.exec(lower)?.[0] ?? null,
    negated: (claim.up || claim.down) && negation.test(lower),
  }
}
