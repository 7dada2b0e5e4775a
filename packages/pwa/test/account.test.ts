import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invitationOf, waitWords } from '../src/screens/sign-in/words'
import { standingOf } from '../src/screens/you/consent-words'
import { tokenStands } from '../src/screens/you/token-words'

describe('the sign-in', () => {
  it('says how long to wait, never less than it is', () => {
    expect([1, 40, 59.2, 60, 61, 899, 900].map(waitWords)).toEqual([
      '1 second',
      '40 seconds',
      '60 seconds',
      '1 minute',
      '2 minutes',
      '15 minutes',
      '15 minutes',
    ])
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 86_400, noNaN: true }), (seconds) => {
        const [count = '', unit = ''] = waitWords(seconds).split(' ')
        expect(Number(count) * (unit.startsWith('minute') ? 60 : 1)).toBeGreaterThanOrEqual(seconds)
      }),
    )
  })

  it('finds the invitation in what was pasted', () => {
    expect(invitationOf('https://auren.example/#invite=auren_inv_a-b_c')).toBe('auren_inv_a-b_c')
    expect(invitationOf(' auren_inv_a-b_c\n')).toBe('auren_inv_a-b_c')
    expect(invitationOf('  ')).toBeNull()
  })
})

describe('a consent', () => {
  const said = (kind: string, granted: boolean, at: number) =>
    ({ purpose: 'model', kind, granted, version: '2026-11', at }) as const

  it('holds until it is withdrawn, by the newest word of each kind', () => {
    expect(standingOf([], 'model')).toEqual({ granted: true, kinds: [], at: null })
    expect(standingOf([said('*', false, 1)], 'model')).toEqual({ granted: false, kinds: [], at: 1 })
    expect(standingOf([said('*', false, 1), said('*', true, 2)], 'model').granted).toBe(true)
    expect(standingOf([said('*', false, 1)], 'consolidate').granted).toBe(true)
  })

  it('for one measure withdraws the whole, and says which', () => {
    const all = [said('glucose', false, 1), said('*', true, 2)]
    expect(standingOf(all, 'model')).toEqual({ granted: false, kinds: ['glucose'], at: 2 })
    expect(standingOf([...all, said('glucose', true, 3)], 'model')).toEqual({ granted: true, kinds: [], at: 3 })
  })
})

describe('a token', () => {
  it('says whether it still works', () => {
    const expiresAt = Date.UTC(2026, 10, 23, 12)
    const at = (revokedAt: number | null, now: number) => tokenStands({ revokedAt, expiresAt }, now, 'en-GB')
    expect(at(null, expiresAt - 1)).toMatch(/^until 23 Nov 2026/)
    expect(at(null, expiresAt)).toMatch(/^expired 23 Nov 2026/)
    expect(at(expiresAt - 5, expiresAt + 5)).toMatch(/^revoked 23 Nov 2026/)
  })
})
