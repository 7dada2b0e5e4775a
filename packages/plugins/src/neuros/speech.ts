import {
  createRenderer,
  type GraphState,
  type Narrated,
  type NodeContext,
  narrate,
  notesOf,
  type VerifyContext,
} from '@auren/core'

/** Channels that putting an answer into words, and checking it, needs. */
export const speechReads = [
  'text',
  'today',
  'locale',
  'guard',
  'understanding',
  'recalled',
  'answers',
  'facts',
  'findings',
  'degraded',
  'conversation',
] as const satisfies readonly (keyof GraphState)[]

/** The part of the state that {@link speechReads} names. */
export type SpeechState = Pick<GraphState, (typeof speechReads)[number]>

/** The narrator's own telling of this turn. */
export async function narrationOf(state: SpeechState, ctx: NodeContext): Promise<Narrated[]> {
  const metrics = await ctx.metrics().catch(() => null)
  if (metrics === null) ctx.degrade('metrics')
  return narrate({ ...state, hasData: metrics === null || metrics.length > 0 })
}

/** What sentences of this turn are checked against; numbers in the person's locale and units. */
export async function checksOf(state: SpeechState, ctx: NodeContext): Promise<Omit<VerifyContext, 'by'>> {
  const profile = await ctx.profile().catch(() => ({ units: undefined }))
  return {
    words: state.text,
    today: state.today,
    facts: state.facts,
    memories: [...state.recalled.pinned, ...state.recalled.hits],
    notes: notesOf(state),
    render: createRenderer({
      // A bare "en" says nothing about how dates are written.
      ...(state.locale === 'en' ? {} : { locale: state.locale }),
      ...(profile.units ? { units: profile.units } : {}),
    }),
  }
}
