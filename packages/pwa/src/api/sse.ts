import { createParser, type EventSourceMessage } from 'eventsource-parser'

/**
 * The events of a stream, in order, until it ends; whether it ended as it should is for the reader to tell.
 * EventSource itself cannot POST, nor say which event was last.
 */
export async function* readEvents(response: Response): AsyncIterable<EventSourceMessage> {
  if (!response.body) return
  const waiting: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => waiting.push(event) })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      parser.feed(value)
      yield* waiting.splice(0)
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}
