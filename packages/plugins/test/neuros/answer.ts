import { type AnswerPart, createNeuros, type Query, type Understanding } from '@auren/core'
import { scriptedModel } from '../../../core/src/testing/scripted-model.js'
import { collect, fact, ports, said } from '../../../core/test/reasoning/ports.js'
import type { ComposerOptions } from '../../src/neuros/composer/index.js'
import { neuros } from '../../src/neuros/index.js'
import { sentenceParser } from '../../src/neuros/sentence-parser/index.js'
import { understood } from './turn.js'

/** What {@link numbers} asks. */
export const steps: Query = {
  measure: { of: 'metric', metric: 'steps' },
  aggregate: 'mean',
  period: { kind: 'last', n: 7, unit: 'day' },
  where: [],
}
/** A question that was understood whole. */
export const numbers = understood({
  queries: [steps],
  complete: true,
  intent: 'numbers',
  readings: ['the last 7 days, 17–23 Nov 2026'],
})
/** How its fact reads. */
export const rendered = 'mean daily steps 8,214 steps (17–23 Nov 2026)'

/** All of NEUROS, with a grammar of one sentence. */
export async function ask(
  understanding: Understanding,
  options: Parameters<typeof ports>[1] & {
    script?: Parameters<typeof scriptedModel>[0]
    text?: string
    composer?: ComposerOptions
  } = {},
) {
  const { script, text = 'How many steps did I take?', composer = {}, ...over } = options
  const model = script ? scriptedModel(script) : undefined
  const nodes = neuros({ composer }).map((node) =>
    node.id === 'sentence-parser' ? sentenceParser(() => understanding) : node,
  )
  const all = ports(nodes, { answer: () => fact('f1', { query: steps }), ...(model ? { model } : {}), ...over })
  const parts = await collect(createNeuros(all).ask({ userId: 'ann', threadId: 't', text }))
  return { parts, sentences: said(parts), model, all, degraded: degradedOf(parts) }
}
const degradedOf = (parts: readonly AnswerPart[]) =>
  parts.flatMap((part) => (part.type === 'degraded' ? [[part.node, part.reason]] : []))
