import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server process that a test, or scripts/services, can start, hurt and start again on the same port and data. */
export interface Server {
  /** URL, or `host:port` for Kafka. */
  readonly address: string
  readonly port: number
  readonly folder: string
  /** Of the process that listens; throws while none runs. */
  pid(): number
  /** Starts it, or starts it again after {@link stop} or {@link kill}; resolves when it answers. */
  start(): Promise<void>
  /** Orderly, as an operator's stop would be. */
  stop(): Promise<void>
  /** SIGKILL to the process and its children; the data stays as a crash leaves it. */
  kill(): Promise<void>
  /** SIGSTOP to the process and its children: connections stay open and nothing answers. */
  pause(): void
  resume(): void
  /** Kills it and deletes its folder. */
  remove(): Promise<void>
}

/** How {@link controlServer} starts one kind of server. */
export interface ServerSpec {
  name: string
  address: string
  port: number
  folder: string
  command: string
  args: readonly string[]
  env?: Record<string, string>
  /** Whose rights it runs with; the caller's where absent. */
  as?: { uid: number; gid: number }
  /** Of an orderly stop. */
  signal: 'SIGTERM' | 'SIGINT'
  /** Throws until the server answers. */
  probe(): Promise<void>
  /** Milliseconds that starting may take. @default 60000 */
  patience?: number
  /** Leaves the server running when this process ends. @default false */
  outlive?: boolean
}

/** Ends what a test that died could not. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) signalTree(child.pid, 'SIGKILL')
})

/** A server by its start command. Its log is `log` in its folder. */
export function controlServer(spec: ServerSpec): Server {
  const log = join(spec.folder, 'log')
  let child: ChildProcess | null = null
  let gone: Promise<void> = Promise.resolve()

  const pid = (): number => {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${spec.name} is not running`)
    return child.pid
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null) return
    if (signal === 'SIGKILL') signalTree(child.pid, signal)
    else child.kill(signal)
    await gone
  }

  const launch = (): { failed(): boolean } => {
    mkdirSync(spec.folder, { recursive: true })
    const out = openSync(log, 'a')
    const started = spawn(spec.command, spec.args, {
      // A group of its own: an interrupt at the terminal is for the tests, not for their servers.
      detached: true,
      cwd: spec.folder,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...spec.env },
      ...spec.as,
    })
    closeSync(out)
    child = started
    if (spec.outlive) started.unref()
    else running.add(started)
    let failed = false
    gone = new Promise((resolve) => {
      const done = () => {
        failed = true
        running.delete(started)
        if (child === started) child = null
        resolve()
      }
      started.once('exit', done)
      started.once('error', done)
    })
    return { failed: () => failed }
  }

  return {
    address: spec.address,
    port: spec.port,
    folder: spec.folder,
    pid,
    async start() {
      const until = Date.now() + (spec.patience ?? 60_000)
      let attempt = launch()
      for (;;) {
        const error = await spec.probe().then(
          () => null,
          (reason: unknown) => reason,
        )
        if (error === null && !attempt.failed()) return
        if (Date.now() > until) {
          await end('SIGKILL')
          throw new Error(`${spec.name} does not answer: ${error}\n${tail(log)}`)
        }
        await sleep(100)
        // Right after a kill the dead one's shared memory or port can still be held: then it gives up, and tries again.
        if (attempt.failed()) {
          if (Date.now() > until - (spec.patience ?? 60_000) + 15_000)
            throw new Error(`${spec.name} ended while it started:\n${tail(log)}`)
          await sleep(400)
          attempt = launch()
        }
      }
    },
    stop: () => end(spec.signal),
    kill: () => end('SIGKILL'),
    pause: () => signalTree(pid(), 'SIGSTOP'),
    resume: () => signalTree(pid(), 'SIGCONT'),
    async remove() {
      await end('SIGKILL')
      rmSync(spec.folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Sends a signal to a process and everything below it, the process first, so that it starts no more children. */
export function signalTree(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  const children = childrenOf(pid)
  for (const one of [pid, ...children]) {
    try {
      process.kill(one, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

function childrenOf(pid: number): number[] {
  const parents = new Map<number, number[]>()
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number) as [number, number]
    parents.set(parent, [...(parents.get(parent) ?? []), child])
  }
  const found: number[] = []
  for (let next = parents.get(pid) ?? []; next.length > 0; next = next.flatMap((one) => parents.get(one) ?? []))
    found.push(...next)
  return found
}

/** A port of 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-25).join('\n')
}
