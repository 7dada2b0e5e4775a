/** Words whose form says little about their root. Values are the root. */
const irregular: Readonly<Record<string, string>> = {
  am: 'be',
  is: 'be',
  are: 'be',
  was: 'be',
  were: 'be',
  been: 'be',
  being: 'be',
  has: 'have',
  had: 'have',
  having: 'have',
  does: 'do',
  did: 'do',
  done: 'do',
  doing: 'do',
  slept: 'sleep',
  ran: 'run',
  swam: 'swim',
  swum: 'swim',
  rode: 'ride',
  ridden: 'ride',
  went: 'go',
  goes: 'go',
  gone: 'go',
  going: 'go',
  woke: 'wake',
  woken: 'wake',
  got: 'get',
  gotten: 'get',
  took: 'take',
  taken: 'take',
  drank: 'drink',
  drunk: 'drink',
  ate: 'eat',
  eaten: 'eat',
  fell: 'fall',
  fallen: 'fall',
  felt: 'feel',
  spent: 'spend',
  made: 'make',
  rose: 'rise',
  risen: 'rise',
  burnt: 'burn',
  sat: 'sit',
  stood: 'stand',
  lay: 'lie',
  lying: 'lie',
  feet: 'foot',
  compared: 'compare',
  comparing: 'compare',
  comparison: 'compare',
  percentage: 'percent',
  percentages: 'percent',
}

/** Words that end like an inflected one and are none. */
const whole = new Set(
  'during morning mornings evening evenings spring springs thing things something anything nothing everything king bring string ring less this his its us plus versus always bed red need speed indeed hundred status basis previous bus gas yes as across'.split(
    ' ',
  ),
)

function base(word: string): string {
  if (whole.has(word) || word.length <= 3) return word
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (word.endsWith('sses') || word.endsWith('shes') || word.endsWith('ches') || word.endsWith('xes')) {
    return word.slice(0, -2)
  }
  if (word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return base(word.slice(0, -1))
  for (const ending of ['ing', 'ed']) {
    const root = word.slice(0, -ending.length)
    if (word.endsWith(ending) && !word.endsWith('eed') && root.length >= 3 && /[aeiouy]/.test(root))
      return undouble(root)
  }
  return word
}

/** `runn` → `run`, but `roll`, `pass` and `buzz` stay. */
function undouble(root: string): string {
  return /([bdgmnprt])\1$/.test(root) ? root.slice(0, -1) : root
}

/**
 * The root of an English word as far as matching needs it: inflections of one word are equal, whatever they are.
 * Light (no derivations), so that different words stay different.
 * @param word lower-case
 * @example stem('hiking') === stem('hikes')
 */
export function stem(word: string): string {
  const known = Object.hasOwn(irregular, word) ? irregular[word]! : word
  const root = whole.has(word) ? word : base(known)
  const bare = root.length > 3 && root.endsWith('e') ? root.slice(0, -1) : root
  return bare.length > 2 && bare.endsWith('y') ? `${bare.slice(0, -1)}i` : bare
}

/** Stems of a phrase of words set apart by spaces. */
export function stems(phrase: string): string[] {
  return phrase
    .split(' ')
    .filter((word) => word !== '')
    .map(stem)
}

/** Stems of a list of words, to test membership. */
export function stemSet(...lists: string[]): ReadonlySet<string> {
  return new Set(lists.flatMap(stems))
}

/** Stems of a list of words, each with a word that has it. */
export function stemWords(...lists: string[]): ReadonlyMap<string, string> {
  const words = lists.flatMap((list) => list.split(' '))
  return new Map(words.reverse().map((word) => [stem(word), word]))
}
