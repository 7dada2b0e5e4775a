import { diagnosis, injection, minor, pregnancy } from './caution.js'
import { medication, prescribed } from './medicines.js'
import { spoken } from './phrases.js'
import { inDanger } from './readings.js'
import { acute, denied, eating, emergency, history, selfHarm } from './red-flags.js'

/** Rules that a sentence of a person can meet, most urgent first. */
export const ruleNames = [
  'emergency',
  'self_harm',
  'eating_disorder',
  'medication',
  'diagnosis',
  'pregnancy',
  'minor',
  'medication_mentioned',
  'injection',
] as const
/** Name of a rule. */
export type RuleName = (typeof ruleNames)[number]

/** Rules that a person's sentence meets, most urgent first. */
export function rulesOf(text: string): RuleName[] {
  const words = spoken(text)
  const now = words.replace(denied, ' ')
  const met: RuleName[] = []
  if ((emergency.test(now) || inDanger(now)) && (!history.test(now) || acute.test(now))) met.push('emergency')
  if (selfHarm.test(words)) met.push('self_harm')
  if (eating.test(words)) met.push('eating_disorder')
  if (medication.test(words)) met.push('medication')
  if (diagnosis.test(words)) met.push('diagnosis')
  if (pregnancy.test(words)) met.push('pregnancy')
  if (minor.test(words)) met.push('minor')
  if (!met.includes('medication') && prescribed.test(words)) met.push('medication_mentioned')
  if (injection.test(words)) met.push('injection')
  return met
}
