/** Lexical search in process: BM25 (Robertson and Zaragoza, 2009; k1 = 1.2, b = 0.75) over English stems, any of them. */

const K1 = 1.2
const B = 0.75

/**
 * Stems of a text, in its order. Endings go as the first step of Porter's algorithm (1980) has them, which is enough to
 * find "sleeping" by "slept badly, sleeps"; irregular forms stay apart.
 */
export function stemsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(stemOf)
}

function stemOf(word: string): string {
  const singular = word.replace(/(ss|i)es$/, '$1').replace(/([^su])s$/, '$1')
  const bare = /[aeiouy].*(?:ing|ed)$/.test(singular) ? singular.replace(/(?:ing|ed)$/, '') : singular
  if (bare.length < 3) return singular
  // "running" → "run", "noted" and "noting" → "not", as "note" does.
  return bare
    .replace(/([bdfgmnprt])\1$/, '$1')
    .replace(/y$/, 'i')
    .replace(/e$/, '')
}

/** Scores of documents for a question, best first; only those that share a stem with it. Equal ones keep their order. */
export function searchTexts<T>(
  documents: readonly { item: T; text: string }[],
  question: string,
  limit: number,
): { item: T; score: number }[] {
  const read = documents.map(({ item, text }) => ({ item, stems: stemsOf(text) }))
  const asked = new Set(stemsOf(question))
  const mean = read.reduce((sum, { stems }) => sum + stems.length, 0) / Math.max(1, read.length)
  const rarity = new Map<string, number>()
  for (const stem of asked) {
    const holding = read.filter(({ stems }) => stems.includes(stem)).length
    rarity.set(stem, Math.log(1 + (read.length - holding + 0.5) / (holding + 0.5)))
  }
  return read
    .map(({ item, stems }) => {
      let score = 0
      for (const [stem, idf] of rarity) {
        const count = stems.filter((one) => one === stem).length
        score += (idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * stems.length) / mean))
      }
      return { item, score }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
}
