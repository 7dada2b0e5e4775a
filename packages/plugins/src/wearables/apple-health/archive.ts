import { AurenError, type FileSource, isAurenError } from '@auren/core'
import { openZip, type Zip, type ZipEntry, type ZipLimits } from '../../files/zip.js'
import { createProlog } from './xml/prolog.js'

/** The XML inside of an archive. */
export interface ZippedExport {
  /** Names the entry within the archive: the offset of its header. */
  entry: number
  size: number
  /** Entries that are not read, by file name extension. */
  others: [extension: string, n: number][]
  /**
   * The unpacked XML from its first byte, in Buffers of the caller's own.
   * @throws AurenError AUREN_PAYLOAD_INVALID where the packed data are damaged, at the point where they are
   */
  chunks(): AsyncGenerator<Buffer>
  close(): void
}

const maxCandidates = 20

/**
 * Opens an export.zip and finds the export by what is in it: the largest `.xml` whose root is HealthData. Its name is the
 * phone's language's (`export.xml`, `Exportación.xml`, `导出.xml`) and is used for nothing but the extension.
 * @param entry the entry to open again, when an import is resumed
 * @throws AurenError AUREN_PAYLOAD_INVALID, AUREN_PAYLOAD_TOO_LARGE
 */
export async function openExport(file: FileSource, limits: ZipLimits, entry: number | null): Promise<ZippedExport> {
  const zip = await openZip(file, 'apple-health', limits)
  try {
    const candidates = zip.entries
      .filter(({ path }) => path.toLowerCase().endsWith('.xml'))
      .sort((a, b) => b.size - a.size)
      .slice(0, maxCandidates)
    const chosen = entry === null ? await choose(zip, candidates) : candidates.find(({ at }) => at === entry)
    if (!chosen) throw nothingFound(candidates)
    return {
      entry: chosen.at,
      size: chosen.size,
      others: othersOf(zip),
      chunks: () => zip.read(chosen),
      close: () => zip.close(),
    }
  } catch (cause) {
    zip.close()
    throw cause
  }
}

function othersOf(zip: Zip): ZippedExport['others'] {
  const others = new Map<string, number>()
  for (const { path } of zip.entries) {
    const name = path.toLowerCase()
    if (name.endsWith('.xml')) continue
    const extension = /\.[a-z0-9]{1,8}$/.exec(name)?.[0] ?? 'without extension'
    others.set(extension, (others.get(extension) ?? 0) + 1)
  }
  return [...others].slice(0, 50)
}

/** The largest candidate whose root is HealthData; a Clinical Document has another. */
async function choose(zip: Zip, candidates: readonly ZipEntry[]): Promise<ZipEntry | null> {
  for (const entry of candidates) {
    if (entry.encrypted) continue
    const prolog = createProlog()
    try {
      for await (const chunk of zip.read(entry)) if (prolog.push(chunk) !== null) return entry
    } catch (cause) {
      if (isAurenError(cause) && cause.code !== 'AUREN_PAYLOAD_INVALID') throw cause
      // Damaged, or no export: the next one may be it.
    }
  }
  return null
}

function nothingFound(candidates: readonly ZipEntry[]): AurenError {
  return new AurenError(
    'AUREN_PAYLOAD_INVALID',
    candidates.some(({ encrypted }) => encrypted)
      ? 'The XML in this zip is encrypted. Unpack it with its password and import the export.xml.'
      : 'This zip holds no export of Apple Health: no .xml in it has the root HealthData.',
    { plugin: 'apple-health' },
  )
}
