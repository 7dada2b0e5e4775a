import { conceptOf, tagConcepts } from './concepts.js'
import type { Meaning } from './lexicon.js'
import type { Term } from './terms.js'

/** Vendors whose own metrics the person has, by the part of the ids before the dot. */
export function vendorsOf(metrics: readonly string[]): ReadonlySet<string> {
  return new Set(metrics.flatMap((id) => (id.includes('.') ? [id.slice(0, id.indexOf('.'))] : [])))
}

/**
 * Joins a vendor's name with the concept after it, where the person has that metric of that vendor: one vendor's
 * readiness is none of another's. A vendor's name that nothing is joined with stays a word that nobody knows, because
 * dropping it could answer with another device's number.
 */
export function joinVendors(terms: readonly Term[], vendors: ReadonlySet<string>, metrics: readonly string[]): Term[] {
  const joined: Term[] = []
  for (let i = 0; i < terms.length; i++) {
    const [term, following] = [terms[i]!, terms[i + 1]]
    const concept = vendors.has(term.text) && following ? measuredBy(following.meanings) : undefined
    const id = concept?.days.map((day) => `${term.text}.${day}`).find((one) => metrics.includes(one))
    if (!concept || !following || id === undefined) {
      joined.push(term)
      continue
    }
    const own = { ...concept, key: id, days: [id], names: [`${term.text} ${concept.names[0]}`] }
    joined.push({
      ...following,
      text: `${term.text} ${following.text}`,
      stem: '',
      meanings: [{ is: 'concept', concept: own }],
    })
    i++
  }
  return joined
}

function measuredBy(meanings: readonly Meaning[]) {
  for (const meaning of meanings) {
    if (meaning.is === 'concept') return meaning.concept
    const amount = meaning.is === 'tag' ? tagConcepts[meaning.tag] : undefined
    if (amount !== undefined) return conceptOf(amount)
  }
  return undefined
}
