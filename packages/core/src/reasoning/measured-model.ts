import { asAurenError } from '../errors.js'
import { publish } from '../telemetry.js'
import type { ModelPart, ModelProvider } from './model.js'

/** A model that tells how long each call took, what it cost in tokens and why it failed; nothing of what was said. */
export function measuredModel(model: ModelProvider): ModelProvider {
  return {
    name: model.name,
    async *stream(messages, options): AsyncGenerator<ModelPart> {
      const began = performance.now()
      let code: ReturnType<typeof asAurenError>['code'] | null = 'AUREN_ABORTED'
      let tokens: { input: number; output: number } | null = null
      try {
        for await (const part of model.stream(messages, options)) {
          if (part.type === 'end') {
            tokens = part.tokens ?? null
            code = null
          }
          yield part
        }
      } catch (error) {
        code = asAurenError(error).code
        throw error
      } finally {
        // Also where the reader left before the end: that call was paid for, too.
        publish('model', { model: model.name, ms: performance.now() - began, code, tokens })
      }
    },
  }
}
