import { defineNode, type GuardVerdict, type NodeContext } from '@auren/core'
import { type RuleName, rulesOf } from './rules.js'
import { stopping, textFor } from './texts.js'

export { rulesOf } from './rules.js'

/** Age in years below which a person is not an adult. */
const ADULT = 18

/**
 * The safety gate: rules over the person's words, run before anything else, with or without a model. A red flag gets
 * emergency guidance and nothing more; questions about doses, illnesses or eating less get a fixed text; pregnancy,
 * youth and medicines make the rest more careful. It adds what the profile and the person's safety notes say.
 */
export function safety() {
  return defineNode({
    kind: 'node',
    id: 'safety',
    version: '1.0.0',
    phase: 'guard',
    reads: ['text', 'locale', 'today'],
    writes: ['guard'],
    timeoutMs: 3_000,
    async run({ text, locale, today }, ctx) {
      const met = rulesOf(text)
      const [first] = met.filter((rule) => stopping.has(rule))
      if (first) return { guard: { stop: true, rules: met, text: textFor(first, locale) } }
      const standing = await standingRules(ctx, today)
      const texts = met.map((rule) => textFor(rule, locale)).filter((said) => said !== null)
      const guard: GuardVerdict = {
        stop: false,
        rules: [...new Set([...met, ...standing])],
        text: texts.length > 0 ? texts.join(' ') : null,
      }
      return { guard }
    },
  })
}

/** Rules that hold whatever is asked: from the birth date, and from what the person had us keep for their safety. */
async function standingRules(ctx: NodeContext, today: string): Promise<RuleName[]> {
  const [profile, recalled] = await Promise.all([
    ctx.profile().catch(() => ({ birthDate: undefined })),
    ctx.recall({ about: ['safety'], limit: 1 }).catch(() => ({ pinned: [] })),
  ])
  const rules: RuleName[] = []
  if (profile.birthDate && isMinor(profile.birthDate, today)) rules.push('minor')
  for (const record of recalled.pinned) {
    if (record.kind !== 'safety') continue
    const kept = rulesOf(record.text).filter((rule) => rule === 'pregnancy' || rule === 'eating_disorder')
    rules.push(...kept)
    if (/\beating disorder\b/i.test(record.text)) rules.push('eating_disorder')
  }
  return [...new Set(rules)]
}

function isMinor(birthDate: string, today: string): boolean {
  const [year, rest] = [Number(birthDate.slice(0, 4)), birthDate.slice(4)]
  // ISO dates of one year compare as text, so the birthday itself needs no arithmetic.
  return today < `${String(year + ADULT).padStart(4, '0')}${rest}`
}
