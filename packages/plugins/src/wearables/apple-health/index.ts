import { defineWearable, type FileSource, type WearablePlugin } from '@auren/core'
import { isZip, type ZipLimits, zipLimits } from '../../files/zip.js'
import { openExport } from './archive.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'
import { readExport } from './read.js'

/** Options of {@link appleHealth}; everything has a default. */
export interface AppleHealthOptions {
  /** What a file may be at most. */
  limits?: Partial<ZipLimits> & {
    /** Milliseconds that one attempt at an import may take; the next goes on where it ended. @default 12 h */
    ms?: number
  }
}

/**
 * Apple Health: the `export.zip` of an iPhone (Health → your picture → Export All Health Data), or the `export.xml` in it.
 * Read in a stream at constant memory, resumable after every step; importing the same file again changes nothing.
 */
export function appleHealth(options: AppleHealthOptions = {}): WearablePlugin<'apple-health', Payload, never> {
  const limits = { ...zipLimits, ms: 12 * 3_600_000, ...options.limits }
  return defineWearable({
    kind: 'wearable',
    id: 'apple-health',
    title: 'Apple Health',
    version: '0.1.0',
    peers: { saxes: '^6.0.0', yauzl: '^3.2.0' },
    payload: Payload,
    normalize,
    file: {
      recognises,
      read: (file, { cursor, signal }) => readExport(file, { cursor, signal }, limits),
    },
  })
}

/** By content: XML whose root or DTD is HealthData, or a zip that holds such an XML. */
async function recognises(_name: string, head: Uint8Array, file: FileSource): Promise<boolean> {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  if (!isZip(head)) return /<(?:!DOCTYPE\s+)?HealthData[\s/>[]/.test(text)
  try {
    const found = await openExport(file, zipLimits, null)
    found.close()
    return true
  } catch {
    // Damaged, but with the folder that every iPhone gives its export: reading it says what is wrong.
    return text.includes('apple_health_export/')
  }
}
