/**
 * How a sentence is read by the rules: lower case, straight apostrophes, contractions written out, no invisible
 * characters. So one rule meets "can't breathe", "cant breathe" and "cannot breathe".
 */
export function spoken(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/\bcan(?:'|no)?t\b/g, 'cannot')
    .replace(/\bwon'?t\b/g, 'will not')
    .replace(/\bain't\b/g, 'is not')
    .replace(/\b(do|does|did|is|are|was|were|have|has|had|could|would|should)n'?t\b/g, '$1 not')
    .replace(/\b(we|you|they)'re\b/g, '$1 are')
    .replace(/\b(?:i'm|im)\b/g, 'i am')
    .replace(/\bi'?ve\b/g, 'i have')
    .replace(/\b(he|she|it|there|what|that|who|how|life)'s\b/g, '$1 is')
    .replace(/\bgonna\b/g, 'going to')
    .replace(/\bwanna\b/g, 'want to')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A pattern: any of these words or phrases, as a group. */
export function any(...parts: readonly string[]): string {
  return `(?:${parts.join('|')})`
}

/** A pattern: `a`, then `b` within `words` words, or the other way round. */
export function near(a: string, b: string, words = 5): string {
  return any(before(a, b, words), before(b, a, words))
}

/** A pattern: `a`, then `b` with at most `words` words in between. */
export function before(a: string, b: string, words = 5): string {
  return `\\b${a}\\W+(?:[\\w']+\\W+){0,${words}}?${b}\\b`
}

/** A rule's patterns as one expression that starts at word boundaries. */
export function family(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:\\b${pattern})`).join('|'))
}
