// From the command to its Ready line, in an empty folder and in one that has been used. Baseline: a bare PGlite in a
// fresh process, flushing to the disk as AUREN's does.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { quantile, type Report } from './report.js'

const root = resolve(import.meta.dirname, '..')
const cli = join(root, 'packages/server/dist/cli.js')
const bare = join(import.meta.dirname, 'startup-baseline.mjs')

/** Milliseconds until a process prints a line that begins with `Ready`; then it is asked to stop, and has. */
async function untilReady(args: string[], folder: string): Promise<number> {
  const from = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      AUREN_DATA: join(folder, 'data'),
      AUREN_NEUROS_PORT: '0',
      AUREN_BIOMETRIC_PORT: '0',
      AUREN_PWA_PORT: '0',
    },
  })
  const ended = new Promise((done) => child.once('close', done))
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2000)
  })
  let ready: number | null = null
  for await (const line of createInterface({ input: child.stdout })) {
    if (ready !== null || !line.startsWith('Ready')) continue
    ready = performance.now() - from
    child.kill('SIGTERM')
  }
  await ended
  if (ready === null) throw new Error(`It ended before it was ready: ${complaints}`)
  return ready
}

/** Starts each `runs` times (default 3) in an empty folder, and again in the same one; medians. */
export async function measureStartup(options: Record<string, string | undefined>): Promise<Report> {
  if (!existsSync(cli)) throw new Error('The command line is not built: run npm run build:js first')
  const runs = Number(options.runs ?? 3)
  const times = { cold: [] as number[], warm: [] as number[], bareCold: [] as number[], bareWarm: [] as number[] }
  for (let run = 0; run < runs; run++) {
    const folders = [await mkdtemp(join(tmpdir(), 'auren-bench-')), await mkdtemp(join(tmpdir(), 'auren-bench-'))]
    try {
      const [ours = '', theirs = ''] = folders
      times.cold.push(await untilReady([cli, 'start'], ours))
      times.warm.push(await untilReady([cli, 'start'], ours))
      times.bareCold.push(await untilReady([bare], theirs))
      times.bareWarm.push(await untilReady([bare], theirs))
    } finally {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
    }
  }
  const seconds = (values: number[]): number => quantile(values, 0.5) / 1000
  const against = { unit: 's', of: 'a bare PGlite in a fresh process' }
  return {
    bench: 'startup',
    options: { runs },
    figures: [
      { name: 'cold start', value: seconds(times.cold), unit: 's' },
      { name: 'warm start', value: seconds(times.warm), unit: 's' },
    ],
    ratios: [
      { name: 'cold', ours: seconds(times.cold), baseline: seconds(times.bareCold), ...against },
      { name: 'warm', ours: seconds(times.warm), baseline: seconds(times.bareWarm), ...against },
    ],
  }
}
