import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** The services say something every 15 s; a stream that is silent for so long (in ms) is dead, whatever TCP believes. */
const SILENCE = 45_000

/**
 * The events of a stream, in order, until it ends or falls silent; whether it ended as it should is for the reader to
 * tell. EventSource itself cannot POST, nor say which event was last.
 */
export async function* readEvents(response: Response): AsyncIterable<EventSourceMessage> {
  if (!response.body) return
  const waiting: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => waiting.push(event) })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await before(SILENCE, reader.read())
      if (done) return
      parser.feed(value)
      yield* waiting.splice(0)
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

/** What comes in time; else the end of the stream. */
function before<T>(ms: number, reading: Promise<ReadableStreamReadResult<T>>): Promise<ReadableStreamReadResult<T>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ done: true, value: undefined }), ms)
    reading.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
