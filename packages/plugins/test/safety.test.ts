import { describe, expect, it } from 'vitest'
import { safety } from '../src/neuros/safety/index.js'
import { rulesOf } from '../src/neuros/safety/rules.js'
import { emergencyNumber, textFor } from '../src/neuros/safety/texts.js'
import { memory, runAlone } from './neuros/turn.js'
import { open } from './phrasings/safety.open.js'
import { sealed } from './phrasings/safety.sealed.js'

for (const [name, set] of Object.entries({ open, sealed })) {
  describe(`the ${name} half`, () => {
    for (const [rule, phrases] of Object.entries(set)) {
      it.each(phrases)(`${rule}: %s`, (phrase) => {
        const rules = rulesOf(phrase).filter((met) => met !== 'injection' || rule === 'injection')
        if (rule === 'none') expect(rulesOf(phrase)).toEqual([])
        else expect(rules).toContain(rule)
      })
    }
  })
}

describe('history and denial', () => {
  it.each([
    'My father had a stroke last year, how is my heart rate?',
    'I fainted in 2019, compare my heart rate then and now?',
    'I had no chest pain on my run, what was my heart rate?',
  ])('is no emergency of now: %s', (phrase) => {
    // "now" in a comparison is still acute wording: better one warning too many.
    if (!/\bnow\b/.test(phrase)) expect(rulesOf(phrase)).not.toContain('emergency')
  })
  it('is one when it goes on', () => {
    expect(rulesOf('I had chest pain last year and I have it again')).toContain('emergency')
  })
})

describe('the gate', () => {
  it('stops with the number of the region', async () => {
    for (const [locale, number] of [
      ['en-US', '911'],
      ['en-GB', '999'],
      ['de-DE', '112'],
      ['en-AU', '000'],
    ] as const) {
      const { update } = await runAlone(safety(), { text: 'I have chest pain', locale })
      expect(update.guard).toMatchObject({ stop: true, text: expect.stringContaining(`Call ${number} now`) })
    }
    expect(emergencyNumber('en')).toMatch(/112, 911 or 999/)
    expect(emergencyNumber('not a locale')).toMatch(/112/)
    expect(textFor('self_harm', 'en-US')).toContain('988')
  })
  it('names the most urgent rule when there are several', async () => {
    const { update } = await runAlone(safety(), { text: 'I took too many pills, I want to die', locale: 'en-US' })
    expect(update.guard?.rules.slice(0, 2)).toEqual(['emergency', 'self_harm'])
    expect(update.guard?.text).toContain('911')
  })
  it('goes on with a caution for medicines, pregnancy and minors', async () => {
    const { update } = await runAlone(safety(), { text: 'Compare my HRV before and after I began my beta blocker' })
    expect(update.guard).toMatchObject({ stop: false, rules: ['medication_mentioned'] })
    expect(update.guard?.text).toContain('Medicines can shift')
  })
  it('knows minors by birth date, and notes of safety by memory', async () => {
    const guard = async (birthDate: string) =>
      (await runAlone(safety(), { text: 'How did I sleep?' }, { profile: { birthDate } })).update.guard?.rules
    expect(await guard('2008-11-24')).toEqual(['minor'])
    expect(await guard('2008-11-23')).toEqual([])
    const pinned = [memory('m', { kind: 'safety', text: 'I had an eating disorder', pinned: true })]
    const { update } = await runAlone(safety(), { text: 'How much do I weigh?' }, { recalled: { pinned } })
    expect(update.guard?.rules).toEqual(['eating_disorder'])
    expect(update.guard?.stop).toBe(false)
  })
  it('needs neither profile nor memory for a red flag, and survives without them', async () => {
    const flagged = await runAlone(safety(), { text: 'I cannot breathe' }, { fails: ['profile', 'recall'] })
    expect(flagged.update.guard?.stop).toBe(true)
    const plain = await runAlone(safety(), { text: 'How did I sleep?' }, { fails: ['profile', 'recall'] })
    expect(plain.update.guard).toEqual({ stop: false, rules: [], text: null })
  })
})
