import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { storageInvariants } from '../../src/testing/invariants.js'

const folder = join(import.meta.dirname, '../../../../test/mutants')

it('every invariant of a memory for years has a mutant that the suite for storages must kill', () => {
  const killers = readdirSync(folder).flatMap((file) => {
    const [, number, title] =
      /^Must fail: storage: long-term tier (\d+): (.+)$/m.exec(readFileSync(join(folder, file), 'utf8')) ?? []
    return number === undefined || title === undefined ? [] : [{ number: Number(number), title }]
  })
  for (const [number, { title }] of Object.entries(storageInvariants))
    expect(
      killers.some((mutant) => mutant.number === Number(number) && mutant.title.startsWith(title)),
      `invariant ${number}`,
    ).toBe(true)
  expect(Object.keys(storageInvariants)).toHaveLength(22)
})
