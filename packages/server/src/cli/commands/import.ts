import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AurenError } from '@auren/core'
import { Presets, SingleBar } from 'cli-progress'
import type { Client } from '../client.js'
import { readOptions } from '../options.js'
import { bytes, counted, type Output, table } from '../output.js'

/** Bytes sent in one request. */
const PART = 4 * 1024 * 1024
/** How often it is looked whether a withdrawal has ended, in ms. */
const LOOK_MS = 250

interface Import {
  id: string
  state: string
  duplicate?: boolean
  progress: { bytes?: number; total?: number | null; observations?: number; rejected?: number; duplicates?: number }
  error: string | null
  rejected?: { reason: string; count: number }[]
  missing?: {
    count: number
    held: number
    kinds: { of: string; missing: number; held: number }[]
    state: string
  } | null
}

/** Uploads a file in parts, starts its import, and shows how far it is until it ends. */
export async function importFile(
  client: Client,
  output: Output,
  plugin: string | undefined,
  file: string,
  { mapping, mine }: { mapping?: string; mine?: boolean } = {},
): Promise<number> {
  const options = mine ? { mine } : mapping === undefined ? undefined : await readOptions(mapping)
  const size = await stat(file).then(
    (found) =>
      found.isFile() ? found.size : Promise.reject(new AurenError('AUREN_INPUT_INVALID', `${file} is not a file.`)),
    (cause) => {
      throw new AurenError(
        'AUREN_NOT_FOUND',
        `There is no file ${file}. Name an export, such as export.zip from Apple Health.`,
        { cause },
      )
    },
  )
  const bar = new SingleBar(
    {
      format: '{step} {bar} {percentage}% | {detail}',
      hideCursor: true,
      clearOnComplete: false,
      stream: process.stderr,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  )
  const show = output.interactive
  if (show) bar.start(Math.max(size, 1), 0, { step: 'sending  ', detail: `0 B of ${bytes(size)}` })
  const { id } = await client.call<{ id: string }>('biometric', 'POST', '/v1/imports', {
    name: basename(file),
    size,
    // Only tables have a mapping, and only an export of AUREN names somebody.
    ...(plugin ? { plugin } : options === undefined ? {} : { plugin: mine ? 'auren' : 'csv' }),
    ...(options === undefined ? {} : { options }),
  })
  await upload(client, id, file, (sent) => show && bar.update(sent, { detail: `${bytes(sent)} of ${bytes(size)}` }))
  await client.call('biometric', 'POST', `/v1/imports/${id}/start`)

  if (!show && !output.json) output.note(`Importing ${basename(file)} (${bytes(size)}) …`)
  let last: Import | null = null
  for await (const event of client.events('biometric', 'GET', `/v1/imports/${id}/events`)) {
    last = JSON.parse(event.data) as Import
    const { bytes: done = 0, total, observations = 0, rejected = 0 } = last.progress
    if (!show) continue
    if (total) bar.setTotal(total)
    bar.update(done, {
      step: 'importing',
      detail: `${observations.toLocaleString('en')} observations${rejected ? `, ${rejected.toLocaleString('en')} set aside` : ''}`,
    })
  }
  if (show) bar.stop()
  return tell(output, last)
}

async function upload(client: Client, id: string, file: string, sent: (bytes: number) => void): Promise<void> {
  const handle = await open(file, 'r')
  try {
    const buffer = Buffer.alloc(PART)
    for (let offset = 0; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, PART, offset)
      if (bytesRead === 0) return
      await client.send('biometric', 'PUT', `/v1/imports/${id}/parts?offset=${offset}`, buffer.subarray(0, bytesRead))
      offset += bytesRead
      sent(offset)
    }
  } finally {
    await handle.close()
  }
}

function tell(output: Output, last: Import | null): number {
  if (!last) throw new AurenError('AUREN_INTERNAL', 'The import ended without a word.')
  if (output.json) output.data(last)
  if (last.state !== 'done') {
    if (!output.json) output.note(stopped(last))
    return 1
  }
  if (output.json) return 0
  const { observations = 0, rejected = 0 } = last.progress
  if (last.duplicate) output.print('This very file was imported before: nothing changed.')
  else output.print(`Imported ${counted(observations, 'observation')}.`)
  if (rejected > 0) {
    output.print(`${counted(rejected, 'was', 'were')} left aside:`)
    for (const { reason, count } of last.rejected ?? []) output.print(`  ${count.toLocaleString('en')} × ${reason}`)
    output.print('See them with: auren quarantine list')
  }
  if (last.missing) tellMissing(output, last.id, last.missing)
  return 0
}

/** Why an import did not come to its end, and what to do: what cannot be read at all is not read by another try. */
function stopped({ error, state, progress: { observations = 0 } }: Import): string {
  const [, code = '', why = state] = /^(AUREN_\w+): (.*?)\.?$/s.exec(error ?? '') ?? [null, '', error ?? state]
  const said = code === '' ? `${why}.` : `${why}. (${code})`
  return observations === 0
    ? `Nothing was imported: ${said}`
    : `The import stopped: ${said} What was read so far is kept; import the file again to go on.`
}

/** Kinds of records that are named one by one. */
const MOST_KINDS = 10

function tellMissing(output: Output, id: string, missing: NonNullable<Import['missing']>): void {
  const { count, held, kinds, state } = missing
  const share = ((100 * count) / Math.max(1, held)).toFixed(1)
  output.print(`${counted(count, 'record')} (${share} % of such) that earlier exports had, and this one lacks:`)
  for (const { of, missing: lacking, held: all } of kinds.slice(0, MOST_KINDS))
    output.print(`  ${lacking.toLocaleString('en')} of ${all.toLocaleString('en')} × ${of}`)
  if (kinds.length > MOST_KINDS) output.print(`  and ${counted(kinds.length - MOST_KINDS, 'other kind')}`)
  if (state === 'withdrawn') output.print(`They are withdrawn. Take that back with: auren imports restore ${id}`)
  else if (state === 'withdrawing' || state === 'restoring') output.print(`It is being done: ${state}.`)
  else
    output.print(
      `They still count. If you deleted or changed them at the source, withdraw them with: auren imports withdraw ${id}`,
    )
}

/** Imports so far, and what complete exports lack. */
export const imports = {
  async list(client: Client, output: Output): Promise<number> {
    const all = await client.call<(Import & { plugin: string; name: string; startedAt: number })[]>(
      'biometric',
      'GET',
      '/v1/imports',
    )
    if (output.json) output.data(all)
    else if (all.length === 0) output.print('Nothing has been imported yet.')
    else
      output.print(
        table(
          all.map(({ id, plugin, name, state, startedAt, missing }) => [
            id,
            plugin,
            name,
            new Date(startedAt).toISOString().slice(0, 10),
            missing ? `${state}, ${missing.count} missing: ${missing.state}` : state,
          ]),
        ),
      )
    return 0
  },
  async show(client: Client, output: Output, id: string): Promise<number> {
    return tell(output, await client.call<Import>('biometric', 'GET', `/v1/imports/${encodeURIComponent(id)}`))
  },
  withdraw: (client: Client, output: Output, id: string): Promise<number> => change(client, output, id, 'POST'),
  restore: (client: Client, output: Output, id: string): Promise<number> => change(client, output, id, 'DELETE'),
}

async function change(client: Client, output: Output, id: string, method: 'POST' | 'DELETE'): Promise<number> {
  const path = `/v1/imports/${encodeURIComponent(id)}`
  let view = await client.call<Import>('biometric', method, `${path}/withdrawal`)
  while (view.missing?.state === 'withdrawing' || view.missing?.state === 'restoring') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    view = await client.call<Import>('biometric', 'GET', path)
  }
  if (output.json) output.data(view)
  else if (view.missing) tellMissing(output, id, view.missing)
  return 0
}
