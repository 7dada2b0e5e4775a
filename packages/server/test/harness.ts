import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Auren, Fact } from '@auren/core'
import { type Client, createClient } from '../src/cli/client.js'
import type { Output } from '../src/cli/output.js'
import { compose } from '../src/compose.js'
import { type Config, readConfig } from '../src/config.js'
import { createLog } from '../src/log.js'
import { type Services, startServices } from '../src/services.js'

/** A whole AUREN on free loopback ports, with a data folder of its own. */
export interface Installation {
  auren: Auren
  client: Client
  config: Config
  services: Services
  /** Closes it; the folder stays until `remove`. */
  close(): Promise<void>
  remove(): Promise<void>
}

/** An output for people that keeps what a command says, in order. */
export function recordedOutput(): { output: Output; printed: string[] } {
  const printed: string[] = []
  const keep = (text: string): void => void printed.push(text)
  return {
    printed,
    output: { json: false, interactive: false, print: keep, note: keep, data: (value) => keep(JSON.stringify(value)) },
  }
}

/** Starts an installation. */
export async function install(
  env: Record<string, string> = {},
  options: { dataDir?: string; now?: () => number; destination?: { write(line: string): void } } = {},
): Promise<Installation> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'auren-test-')))
  const config = readConfig({
    AUREN_DATA: dataDir,
    AUREN_ZONE: 'Europe/Berlin',
    AUREN_LOG_LEVEL: process.env.AUREN_TEST_LOG ?? 'silent',
    ...env,
  })
  const log = createLog(config.logLevel, options.destination ? { destination: options.destination } : {})
  const auren = await compose(config, log, options.now ? { now: options.now } : {})
  const services = await startServices(auren, config, log, { neuros: 0, biometric: 0, pwa: 0 })
  const close = async (): Promise<void> => {
    await services.close()
    await auren.close()
  }
  return {
    auren,
    config,
    services,
    client: createClient(services.addresses),
    close,
    remove: () => rm(dataDir, { recursive: true, force: true }),
  }
}

/** Uploads a file over HTTP and waits until its import has ended. */
export async function importOverHttp(
  client: Client,
  name: string,
  bytes: Uint8Array,
  plugin?: string,
): Promise<{
  id: string
  state: string
  duplicate: boolean
  progress: { observations: number; rejected: number }
  rejected: { reason: string; count: number }[]
  error: string | null
}> {
  const { id } = await client.call<{ id: string }>('biometric', 'POST', '/v1/imports', {
    name,
    size: bytes.length,
    ...(plugin ? { plugin } : {}),
  })
  const part = 1_000_000
  for (let offset = 0; offset < bytes.length; offset += part) {
    await client.send(
      'biometric',
      'PUT',
      `/v1/imports/${id}/parts?offset=${offset}`,
      bytes.subarray(offset, offset + part),
    )
  }
  await client.call('biometric', 'POST', `/v1/imports/${id}/start`)
  let last = ''
  for await (const event of client.events('biometric', 'GET', `/v1/imports/${id}/events`)) last = event.data
  return JSON.parse(last) as never
}

/** Facts of an English question over HTTP. */
export async function factsOf(client: Client, question: string, today: string): Promise<Fact[]> {
  return (await client.call<{ facts: Fact[] }>('neuros', 'POST', '/v1/query', { question, today })).facts
}

/** What NEUROS says over HTTP, with the facts that came along. */
export async function answerOf(
  client: Client,
  text: string,
  today: string,
  thread = `t-${Math.random().toString(36).slice(2)}`,
): Promise<{ text: string; facts: Fact[]; sentences: { text: string; facts: string[] }[]; run: string | null }> {
  const facts: Fact[] = []
  const sentences: { text: string; facts: string[] }[] = []
  let run: string | null = null
  for await (const { data } of client.events('neuros', 'POST', `/v1/threads/${thread}/messages`, { text, today })) {
    if (data === '[DONE]') break
    const frame = JSON.parse(data) as { type: string; data?: unknown; messageId?: string; errorText?: string }
    if (frame.type === 'start') run = frame.messageId ?? null
    if (frame.type === 'data-fact') facts.push(frame.data as Fact)
    if (frame.type === 'data-sentence') sentences.push(frame.data as { text: string; facts: string[] })
    if (frame.type === 'error') throw new Error(frame.errorText)
  }
  return { text: sentences.map((sentence) => sentence.text).join(' '), facts, sentences, run }
}
