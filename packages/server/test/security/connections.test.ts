import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../../..')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-connections-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Notes every address that a process connects to, and every name that it asks for, before anything else is loaded. */
const watcher = `
import net from 'node:net'
import dns from 'node:dns'
import dgram from 'node:dgram'
import { appendFileSync } from 'node:fs'
const note = (what, address) => appendFileSync(process.env.AUREN_WATCHED, JSON.stringify([what, String(address)]) + '\\n')
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const [first] = net._normalizeArgs(Array.isArray(args[0]) ? args[0] : args)
  note('connect', first.path ?? first.host ?? 'localhost')
  return connect.apply(this, args)
}
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'resolveSrv']) {
  const real = dns[name]
  dns[name] = (host, ...rest) => { note('dns', host); return real.call(dns, host, ...rest) }
  const promised = dns.promises[name]
  dns.promises[name] = (host, ...rest) => { note('dns', host); return promised.call(dns.promises, host, ...rest) }
}
const send = dgram.Socket.prototype.send
dgram.Socket.prototype.send = function (...args) { note('udp', args.find((arg) => typeof arg === 'string') ?? ''); return send.apply(this, args) }
`

const script = `
import { install, importOverHttp, answerOf } from ${JSON.stringify(join(root, 'packages/server/test/harness.ts'))}
const here = await install({}, { dataDir: process.env.AUREN_DATA })
const xml = '<?xml version="1.0"?><HealthData locale="en"><ExportDate value="2026-11-20 10:00:00 +0100"/>' +
  '<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Watch" unit="count" creationDate="2026-11-19 10:00:00 +0100" startDate="2026-11-19 09:00:00 +0100" endDate="2026-11-19 09:10:00 +0100" value="321"/></HealthData>'
const done = await importOverHttp(here.client, 'export.xml', new TextEncoder().encode(xml), 'apple-health')
const answer = await answerOf(here.client, 'How many steps did I take on 19 November 2026?', '2026-11-20')
console.log(JSON.stringify({ state: done.state, observations: done.progress.observations, text: answer.text }))
await here.close()
`

describe('start, import and ask', () => {
  it('connect to nothing but this machine, and post nothing to LangSmith whatever its variables say', async () => {
    const posted: string[] = []
    const smith = createServer((request, response) => {
      posted.push(request.url ?? '')
      response.end('{}')
    })
    await new Promise<void>((done) => smith.listen(0, '127.0.0.1', done))
    const endpoint = `http://127.0.0.1:${(smith.address() as AddressInfo).port}`
    const [watched, first, main] = [join(folder, 'watched'), join(folder, 'watch.mjs'), join(folder, 'main.mts')]
    await writeFile(watched, '')
    await writeFile(first, watcher)
    await writeFile(main, script)
    const traced = Object.fromEntries(
      ['LANGSMITH', 'LANGCHAIN'].flatMap((prefix) => [
        [`${prefix}_TRACING`, 'true'],
        [`${prefix}_TRACING_V2`, 'true'],
        [`${prefix}_ENDPOINT`, endpoint],
        [`${prefix}_API_KEY`, 'key'],
      ]),
    ) as Record<string, string>
    const child = spawn(process.execPath, ['--import', first, '--import', 'tsx', '--conditions=auren-source', main], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', AUREN_DATA: join(folder, 'data'), AUREN_WATCHED: watched, ...traced },
    })
    let out = ''
    let complaints = ''
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      complaints += String(chunk)
    })
    const code = await new Promise((done) => child.once('close', done))
    smith.closeAllConnections()
    smith.close()
    expect(code, complaints).toBe(0)
    const said = JSON.parse(out.trim().split('\n').at(-1) as string) as {
      state: string
      text: string
      observations: number
    }
    expect(said).toMatchObject({ state: 'done', observations: 1 })
    expect(said.text).toContain('321')
    const { readFile } = await import('node:fs/promises')
    const seen = (await readFile(watched, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string])
    // The requests of this very script are seen, so the watch works; tsx speaks to itself through a socket file.
    expect(seen.some(([what, address]) => what === 'connect' && address === '127.0.0.1')).toBe(true)
    const elsewhere = seen.filter(
      ([, address]) => !/^(127\.0\.0\.1|localhost|::1)$/.test(address) && !address.startsWith(tmpdir()),
    )
    expect(elsewhere).toEqual([])
    expect(posted).toEqual([])
  })
})
