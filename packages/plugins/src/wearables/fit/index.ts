import { defineWearable, type FileSource, type WearablePlugin } from '@auren/core'
import { bytesPart, exportReader } from '../../files/index.js'
import { isZip, openZip } from '../../files/zip.js'
import { observe } from './observe.js'
import { Message, Payload } from './payload.js'
import { loadNames } from './products.js'
import { readFit } from './read.js'

const VENDOR = 'fit'
const FIT = /\.fit(\.gz)?$/i

const archive = exportReader({
  plugin: VENDOR,
  parts: [
    bytesPart({
      path: FIT,
      // In the head of a text decoder a byte may have become another letter, or joined one.
      looks: (head) => /^[\s\S]{4,10}\.FIT/.test(head) || head.charCodeAt(0) === 0x1f,
      async *read(bytes, ctx) {
        yield* readFit(bytes, { vendor: VENDOR, nameOf: await loadNames() }, ctx)
      },
    }),
  ],
})

/**
 * FIT files of any vendor: activities with laps, sessions and what was measured along them, monitoring of the day, scales and
 * blood pressure. By themselves, packed (`.fit.gz`), chained, or in a zip of nothing else.
 */
export function fit(): WearablePlugin<'fit', Payload, never> {
  return defineWearable({
    kind: 'wearable',
    id: VENDOR,
    title: 'FIT files',
    version: '0.1.0',
    peers: { 'fit-file-parser': '^6.1.0' },
    payload: Payload,
    normalize({ messages, device }, ctx) {
      const readable = messages.flatMap((message) => {
        const parsed = Message.safeParse(message)
        if (!parsed.success) ctx.reject(message, 'message_unreadable', 'A message has another form than those of FIT.')
        return parsed.success ? [parsed.data] : []
      })
      return observe(() => readable, { vendor: VENDOR, nameOf: () => device ?? null }, ctx)
    },
    metrics: {
      'fit.stress_score': {
        title: 'Stress level of a watch',
        unit: '{score}',
        aggregates: ['mean', 'max'],
        hard: [0, 100],
        kind: 'vendor_score',
      },
    },
    file: { recognises, read: archive.read },
  })
}

/** A FIT file, or a zip that holds nothing else: other vendors' exports have FIT files in them, too. */
async function recognises(name: string, head: Uint8Array, file: FileSource): Promise<boolean> {
  if (head[0] === 0x1f && head[1] === 0x8b) return FIT.test(name)
  if (!isZip(head)) return archive.recognises(name, head, file)
  try {
    const zip = await openZip(file, VENDOR)
    const files = zip.entries.filter(({ path }) => !/(^|\/)(__MACOSX\/|\.DS_Store$)/.test(path))
    zip.close()
    return files.length > 0 && files.every(({ path }) => FIT.test(path)) && (await archive.recognises(name, head, file))
  } catch {
    return false
  }
}
