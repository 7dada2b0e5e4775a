import { describe, expect, it } from 'vitest'
import { evaluate, rates } from '../../../../bench/eval/phia.js'
import { readPerson } from '../../../../bench/eval/phia-tables.js'
import { shared } from '../../../../test/shared.js'

const folder = shared('eval', 'phia-dev')

describe.skipIf(folder === null)('objective questions of synthetic people', () => {
  // Sums and deviations of some labels were made before the tables were rounded: those cannot be met from the files.
  it.each(['171', '333'])('answers at least 97 % of those that the tables of %s can answer', async (user) => {
    const { questions, reproducible, reproducibleRate } = rates(await evaluate(readPerson(folder!, user)))
    expect(questions).toBe(1000)
    expect(reproducible).toBeGreaterThan(850)
    expect(reproducibleRate).toBeGreaterThanOrEqual(0.97)
  })
})
