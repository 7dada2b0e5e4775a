import type { ReplayExample, ReplayView } from '@auren/core'
import type { Client } from '../client.js'
import { counted, type Output, table } from '../output.js'

/** How often it is looked how far it is, in ms. */
const LOOK_MS = 500
/** Days and examples of a kind that are printed; `--json` has all. */
const MOST_DAYS = 7
const MOST_EXAMPLES = 3

/** What is read anew. */
export interface ReplayOptions {
  account?: string
  from?: string
  to?: string
  dryRun?: boolean
}

/** Reads anew what was kept of a vendor, and prints what that changes, or would change. */
export async function replay(
  client: Client,
  output: Output,
  provider: string,
  { account, from, to, dryRun = false }: ReplayOptions,
): Promise<number> {
  let view = await client.call<ReplayView>('biometric', 'POST', '/v1/replays', {
    provider,
    dryRun,
    ...(account === undefined ? {} : { account }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  let said = ''
  while (view.state === 'waiting' || view.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    view = await client.call<ReplayView>('biometric', 'GET', `/v1/replays/${view.id}`)
    const { stage, deliveries, observations } = view.progress
    const line = `${stage}: ${counted(deliveries, 'delivery', 'deliveries')}, ${counted(observations, 'observation')}`
    if (!output.json && line !== said && stage !== 'waiting') output.note(line)
    said = line
  }
  if (output.json) output.data(view)
  else tell(output, view)
  return view.state === 'done' ? 0 : 1
}

function tell(output: Output, view: ReplayView): void {
  const { state, dryRun, provider, report, unread, aside, error } = view
  if (state !== 'done') {
    output.note(`The replay stopped: ${error ?? state}. Begin it again: what was done is not done twice.`)
    return
  }
  const changing = report.kinds.filter(({ added, changed, withdrawn }) => added + changed + withdrawn > 0)
  if (changing.length === 0) output.print(`Nothing ${dryRun ? 'would change' : 'changed'}.`)
  else
    output.print(
      table([
        ['', 'added', 'changed', 'withdrawn', 'unchanged', 'kept'],
        ...changing.map(({ of, added, changed, withdrawn, unchanged, kept }) => [
          of,
          ...[added, changed, withdrawn, unchanged, kept].map((n) => n.toLocaleString('en')),
        ]),
      ]),
    )
  for (const { of, days, examples } of changing) {
    output.print(`${of}:`)
    for (const { date, added, changed, withdrawn } of days.slice(0, MOST_DAYS))
      output.print(`  ${date}: ${added} added, ${changed} changed, ${withdrawn} withdrawn`)
    if (days.length > MOST_DAYS) output.print(`  and ${counted(days.length - MOST_DAYS, 'other day')}`)
    for (const example of examples.slice(0, MOST_EXAMPLES)) output.print(`  e.g. ${inWords(example)}`)
  }
  if (unread > 0)
    output.print(`${counted(unread, 'delivery', 'deliveries')} cannot be read any more: what was said there stays.`)
  for (const { reason, count } of aside) output.print(`Set aside: ${count.toLocaleString('en')} × ${reason}`)
  if (dryRun && changing.length > 0) output.print(`Nothing was changed. To do it: auren replay ${provider}`)
}

function inWords({ change, date, source, recordId, before, after }: ReplayExample): string {
  const said = (of: ReplayExample['before']): string =>
    of === null ? 'nothing' : of.value === undefined ? spanOf(of) : `${of.value} ${of.unit ?? ''}`.trim()
  const of = `${source}${recordId === null ? '' : `, record ${recordId}`}`
  return `${date}, ${of}: ${change}, ${said(before)} → ${said(after)}`
}

function spanOf({ start, end }: NonNullable<ReplayExample['before']>): string {
  const at = (time: number | undefined): string => (time === undefined ? '' : new Date(time).toISOString())
  return `${at(start)} – ${at(end)}`
}
