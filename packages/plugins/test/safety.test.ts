import { describe, expect, it } from 'vitest'
import { rulesOf } from '../src/neuros/safety/rules.js'
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
