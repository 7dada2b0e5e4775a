import { AurenError, type MetricSummary, type Profile } from '@auren/core'
import type { Client } from '../client.js'
import { type Output, table } from '../output.js'

type Known = Pick<MetricSummary, 'metric' | 'sources'>

/**
 * Shows which device counts first, or says it: for a metric, or for all with `*`. What was measured before is counted
 * anew.
 */
export async function rank(
  client: Client,
  output: Output,
  metric: string | undefined,
  names: readonly string[],
  { reset = false }: { reset?: boolean } = {},
): Promise<number> {
  const [known, profile] = await Promise.all([
    client.call<Known[]>('neuros', 'GET', '/v1/metrics'),
    client.call<Profile>('neuros', 'GET', '/v1/profile'),
  ])
  if (metric === undefined || (names.length === 0 && !reset)) return show(output, known, profile, metric)
  const { [metric]: before, ...ranks } = profile.ranks ?? {}
  const there = known.filter((one) => metric === '*' || one.metric === metric).flatMap(({ sources }) => sources)
  if (!reset && there.length === 0)
    throw new AurenError('AUREN_NOT_FOUND', `Nothing has been measured of ${metric}. See: auren rank`)
  const chosen = reset ? {} : { [metric]: names.map((name) => sourceNamed(name, [...new Set(there)])) }
  if (reset && before === undefined) output.note(`There was no order of your own for ${metric}.`)
  await client.call('neuros', 'PUT', '/v1/profile', { ...profile, ranks: { ...ranks, ...chosen } })
  return show(output, known, { ...profile, ranks: { ...ranks, ...chosen } }, metric === '*' ? undefined : metric)
}

function show(output: Output, known: readonly Known[], { ranks = {} }: Profile, metric: string | undefined): number {
  const rows = known.filter((one) => metric === undefined || one.metric === metric)
  if (output.json) output.data(rows.map(({ metric: id, sources }) => ({ metric: id, sources, rank: own(ranks, id) })))
  else if (rows.length === 0) output.print('Nothing has been measured yet.')
  else
    output.print(
      table(
        rows.map(({ metric: id, sources }) => [id, sources.join(', '), `yours: ${own(ranks, id).join(' > ') || '–'}`]),
      ),
    )
  return 0
}

function own(ranks: NonNullable<Profile['ranks']>, metric: string): string[] {
  return ranks[metric] ?? ranks['*'] ?? []
}

/** A source by its key, or by a part of it that no other has. */
function sourceNamed(name: string, sources: readonly string[]): string {
  if (sources.includes(name)) return name
  const found = sources.filter((source) => source.toLowerCase().includes(name.toLowerCase()))
  if (found.length === 1) return found[0] as string
  throw new AurenError(
    'AUREN_INPUT_INVALID',
    `${found.length === 0 ? 'No source is called' : 'More than one source is called'} "${name}". There are: ${sources.join(', ')}.`,
  )
}
