import {
  AurenError,
  asAurenError,
  type Fact,
  type ModelMessage,
  type ModelProvider,
  type NodeContext,
  Query,
} from '@auren/core'
import { factForModel, queryTool } from './prompt.js'

/** Most rounds of tool calls, and most queries of all rounds together. */
const ROUNDS = 4
const QUERIES = 8
/** Most characters that a model may write. */
const CHARACTERS = 6_000

/** What a model wrote, and the facts that it had computed. */
export interface Composed {
  prose: string
  facts: Fact[]
}

/**
 * Lets a model write, running the queries that it asks for. Its tokens stay here: the prose is checked sentence by
 * sentence before anybody sees it.
 *
 * @throws AurenError AUREN_MODEL_FAILED when it writes nothing or too much, or what the model's plugin throws.
 */
export async function converse(
  model: ModelProvider,
  messages: readonly ModelMessage[],
  ctx: NodeContext,
  options: { signal: AbortSignal; values: boolean },
): Promise<Composed> {
  const talk = [...messages]
  const facts: Fact[] = []
  let queries = 0
  for (let round = 0; round <= ROUNDS; round++) {
    const tools = round < ROUNDS && queries < QUERIES ? { tools: [queryTool] } : {}
    let prose = ''
    const calls: { id: string; name: string; args: unknown }[] = []
    for await (const part of model.stream(talk, { ...tools, signal: options.signal })) {
      if (part.type === 'text') prose += part.text
      if (part.type === 'tool_call') calls.push({ id: part.id, name: part.name, args: part.args })
      if (prose.length > CHARACTERS) throw new AurenError('AUREN_MODEL_FAILED', 'The model wrote far too much')
    }
    if (calls.length === 0) {
      if (prose.trim() === '') throw new AurenError('AUREN_MODEL_FAILED', 'The model wrote nothing')
      return { prose, facts }
    }
    talk.push({ role: 'assistant', content: prose, toolCalls: calls })
    for (const call of calls) {
      queries += 1
      const content =
        queries > QUERIES ? { error: 'No more queries in this turn' } : await runTool(call, ctx, facts, options.values)
      talk.push({ role: 'tool', toolCallId: call.id, content: JSON.stringify(content) })
    }
  }
  throw new AurenError('AUREN_MODEL_FAILED', 'The model kept calling tools and wrote no answer')
}

async function runTool(
  call: { name: string; args: unknown },
  ctx: NodeContext,
  facts: Fact[],
  values: boolean,
): Promise<unknown> {
  if (call.name !== queryTool.name) return { error: `There is no tool ${call.name.slice(0, 40)}` }
  // Unknown keys are dropped here; there is none that could name a person.
  const query = Query.safeParse(call.args)
  if (!query.success) {
    return {
      error: 'The query is not valid',
      issues: query.error.issues.slice(0, 5).map(({ path, message }) => ({ path, message })),
    }
  }
  try {
    const fact = await ctx.ask(query.data)
    if (!ctx.mayTell(fact)) return { error: 'This may not be told to models' }
    facts.push(fact)
    return factForModel(fact, values)
  } catch (error) {
    const { code } = asAurenError(error)
    if (ctx.signal.aborted) throw error
    return { error: code }
  }
}
