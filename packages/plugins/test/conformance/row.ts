import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Fetch, WearablePlugin } from '@auren/core'
import type { SignatureVector, WearableKit } from '@auren/core/testing'
import { shared } from '../../../../test/shared.js'

/** A plugin, and what the conformance kit is given for it. The file's name is the plugin's id. */
export interface Row {
  // A row holds a plugin of any payload.
  // biome-ignore lint/suspicious/noExplicitAny: payloads are contravariant, so no other type holds them all
  plugin: WearablePlugin<string, any>
  kit: Omit<WearableKit, 'runner' | 'docs'>
}

/** JSON of the plugin's fixtures. */
export function fixture(id: string, file: string): unknown {
  return JSON.parse(bytesOf(id, file).toString('utf8'))
}

/** Bytes of a file of the plugin's fixtures. */
export function bytesOf(id: string, file: string): Buffer {
  return readFileSync(path.join(import.meta.dirname, '../../fixtures', id, file))
}

/** Every JSON document that is published of a vendor; none, loudly, where they are absent. */
export function publishedOf(...folders: string[]): { name: string; document: unknown }[] {
  return folders.flatMap((folder) => {
    const place = shared('payloads', folder)
    if (place === null) return []
    return readdirSync(place)
      .filter((name) => name.endsWith('.json'))
      .map((name) => recordedOf(name, JSON.parse(readFileSync(path.join(place, name), 'utf8')) as unknown))
  })
}

/** Some are recorded answers, with the address that was asked: its last word but the id says what it is. */
function recordedOf(name: string, document: unknown): { name: string; document: unknown } {
  const recorded = document as { url?: unknown; status?: unknown; body?: unknown } | null
  if (typeof recorded?.url !== 'string' || typeof recorded.status !== 'number') return { name, document }
  const [, , , collection = name] = new URL(recorded.url).pathname.split('/')
  return { name: `${collection}.json`, document: recorded.body }
}

/** The vendor's vector; none, loudly, where the vectors are absent. */
export function vectorOf(
  vendor: string,
  now: number,
  more: Partial<SignatureVector>,
  made: { headers: Record<string, string>; body: string },
): SignatureVector[] {
  const own: SignatureVector = { name: 'a delivery signed by ourselves', from: 'made', now, ...more, ...made }
  const place = shared('payloads', 'signature-vectors', 'vectors.json')
  const all = place === null ? [] : (JSON.parse(readFileSync(place, 'utf8')) as (typeof made & { vendor: string })[])
  const theirs = all.filter((one) => one.vendor === vendor)
  return [
    own,
    ...theirs.map(({ headers, body }) => ({ ...own, name: 'the vector', from: 'vendor' as const, headers, body })),
  ]
}

/** HTTP to a server on this machine, with a token. */
export function fetchWith(token: () => string): Fetch {
  return async (url, init = {}) => {
    const { signal, ...rest } = init
    const response = await fetch(url, {
      ...rest,
      headers: { ...init.headers, ...(token() ? { authorization: `Bearer ${token()}` } : {}) },
      ...(signal ? { signal } : {}),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: async () => text,
      bytes: async () => Buffer.from(text),
      json: async () => JSON.parse(text) as unknown,
    }
  }
}

/** A token from a server, by a code as a person's browser brings it. */
export async function tokenOf(
  url: string,
  fields: Record<string, string>,
  unwrap: (answer: unknown) => unknown = (answer) => answer,
): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  return (unwrap(await answer.json()) as { access_token: string }).access_token
}
