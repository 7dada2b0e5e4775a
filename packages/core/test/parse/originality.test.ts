import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../../test/shared.js'

// The questions are for measuring: what the product knows must be English, not the set.

/** What reads questions may share less of them than faces do, which show examples in plain English. */
const lengths = { core: 5, plugins: 5, server: 7, pwa: 7 } as const
const packages = path.resolve(import.meta.dirname, '../../..')
const folder = shared('eval', 'phia-dev')

/** Comparisons that mathematics has no shorter words for. */
const english = new Set([
  'less than or equal to',
  'fewer than or equal to',
  'more than or equal to',
  'greater than or equal to',
])

function plain(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function grams(list: readonly string[], length: number): string[] {
  return list.slice(length - 1).map((_, i) => list.slice(i, i + length).join(' '))
}

function* sources(where: string): Generator<string> {
  for (const entry of readdirSync(where, { withFileTypes: true })) {
    const file = path.join(where, entry.name)
    if (entry.isDirectory() && !/^(node_modules|dist|test|fixtures)$/.test(entry.name)) yield* sources(file)
    else if (/\.tsx?$/.test(entry.name)) yield file
  }
}

describe.skipIf(folder === null)('the product and the question files', () => {
  it.each(Object.entries(lengths))('share few words in a row: %s, %i', (room, length) => {
    const asked = new Set(
      readdirSync(folder!)
        .filter((name) => name.endsWith('.jsonl'))
        .flatMap((name) => readFileSync(path.join(folder!, name), 'utf8').trim().split('\n'))
        .flatMap((line) => grams(plain((JSON.parse(line) as { question: string }).question), length)),
    )
    expect(asked.size).toBeGreaterThan(1000)
    const copied = [...sources(path.join(packages, room))].flatMap((file) =>
      // Phrases of a list stand apart by commas, lines and quotes.
      readFileSync(file, 'utf8')
        .split(/[,'"`\n;:()[\]{}|]/)
        .flatMap((phrase) => grams(plain(phrase), length))
        .filter((gram) => asked.has(gram) && !english.has(gram))
        .map((gram) => `${path.relative(packages, file)}: ${gram}`),
    )
    expect(copied).toEqual([])
  })
})
