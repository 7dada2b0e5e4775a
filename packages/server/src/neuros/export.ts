import {
  type Auren,
  AurenError,
  type FormatExport,
  type Observation,
  type UserId,
  type WearablePlugin,
} from '@auren/core'

/**
 * Lines of a person's export. With a format: what a plugin of that name makes of the measurements, and, in the last line,
 * what it has no place for.
 *
 * @throws AurenError AUREN_INPUT_INVALID where no plugin writes the format
 */
export function exportLines(
  auren: Pick<Auren, 'memory' | 'plugins'>,
  user: UserId,
  format: string | undefined,
): AsyncIterable<object> {
  const all = auren.memory.for(user).export()
  if (format === undefined) return all
  const writers = auren.plugins
    .list()
    .filter((plugin): plugin is WearablePlugin => plugin.kind === 'wearable' && plugin.export !== undefined)
  const begin = writers.find(({ id }) => id === format)?.export?.begin
  if (!begin)
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      `There is no format of this name. These there are: ${writers.map(({ id }) => id).join(', ') || 'none'}.`,
    )
  return written(all, begin())
}

async function* written(
  lines: ReturnType<ReturnType<Auren['memory']['for']>['export']>,
  to: FormatExport,
): AsyncGenerator<object> {
  for await (const line of lines) {
    if (line.type === 'observation') yield* to.add(line.item as Observation & { provider: string })
  }
  yield to.report()
}
