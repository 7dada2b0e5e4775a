/**
 * Edits that turn one word into the other: insertions, deletions, substitutions and swaps of neighbours count one each
 * (optimal string alignment distance, Damerau 1964). Gives up above `most` and returns `most + 1`.
 */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    if (Math.min(...row) > most) return most + 1
    before = above
    above = row
  }
  return Math.min(above[b.length]!, most + 1)
}

/** Words of this length may hold two mistakes. */
const LONG = 8

/** Edits that a word of this length may differ by and still be taken for another: short words have too many neighbours. */
function tolerance(word: string): number {
  return word.length < 5 ? 0 : word.length < LONG ? 1 : 2
}

/**
 * The one known word that a misspelt one stands for; null where none is near, or several are equally near. The first
 * letter has to be right unless it was exchanged with the second, which keeps other English words apart.
 */
export function corrected(word: string, known: readonly string[]): string | null {
  const most = tolerance(word)
  let best: string[] = []
  let least = most
  for (const candidate of known) {
    if (candidate.length < 4) continue
    const swapped = candidate[0] === word[1] && candidate[1] === word[0]
    if (candidate[0] !== word[0] && !swapped) continue
    const distance = editDistance(word, candidate, least)
    if (distance > least || (distance > 1 && candidate.length < LONG)) continue
    if (distance < least) best = []
    least = distance
    best.push(candidate)
  }
  return best.length === 1 ? best[0]! : null
}
