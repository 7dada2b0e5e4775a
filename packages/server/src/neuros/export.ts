import {
  type Auren,
  AurenError,
  exportFormats,
  type FormatExport,
  type Observation,
  type UserId,
  type WearablePlugin,
} from '@auren/core'

/** A person's export on its way. */
export interface Export {
  type: string
  file: string
  chunks: AsyncIterable<string>
}

/**
 * A person's export. Without a format everything, line by line; `fhir` and `csv` the measurements as others read them;
 * else what a plugin of that name makes of them, and, in the last line, what it has no place for.
 *
 * @throws AurenError AUREN_INPUT_INVALID where nobody writes the format
 */
export function exportOf(auren: Pick<Auren, 'memory' | 'plugins'>, user: UserId, format: string | undefined): Export {
  const all = auren.memory.for(user).export()
  const lines = { type: 'application/x-ndjson', file: 'auren-export.ndjson' }
  if (format === undefined) return { ...lines, chunks: written(all) }
  const known = exportFormats[format]
  if (known) return { type: known.type, file: known.file, chunks: known.write(all) }
  const writers = auren.plugins
    .list()
    .filter((plugin): plugin is WearablePlugin => plugin.kind === 'wearable' && plugin.export !== undefined)
  const begin = writers.find(({ id }) => id === format)?.export?.begin
  if (!begin)
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      `There is no format of this name. These there are: ${[...Object.keys(exportFormats), ...writers.map(({ id }) => id)].join(', ')}.`,
    )
  return { ...lines, chunks: written(made(all, begin())) }
}

async function* made(
  lines: ReturnType<ReturnType<Auren['memory']['for']>['export']>,
  to: FormatExport,
): AsyncGenerator<object> {
  for await (const line of lines) {
    if (line.type === 'observation') yield* to.add(line.item as Observation & { provider: string })
  }
  yield to.report()
}

async function* written(lines: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`
}
