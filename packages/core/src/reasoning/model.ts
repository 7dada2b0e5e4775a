/** A chat message to or from a model; structural, no vendor's type. */
export interface ModelMessage {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  toolCalls?: { id: string; name: string; args: unknown }[]
  toolCallId?: string
}
export type ModelPart =
  | { type: 'text'; text: string }
  | { type: 'tool_call'; id: string; name: string; args: unknown }
  /** `tokens`: as the endpoint counted them, where it says. */
  | { type: 'end'; reason: string; tokens?: { input: number; output: number } }
export interface ModelTool {
  name: string
  description: string
  /** JSON Schema of the arguments. */
  schema: Record<string, unknown>
}
/** A language model that streams. Where it runs is its plugin's affair. */
export interface ModelProvider {
  readonly name: string
  stream(
    messages: readonly ModelMessage[],
    options: { tools?: readonly ModelTool[]; signal: AbortSignal },
  ): AsyncIterable<ModelPart>
}
