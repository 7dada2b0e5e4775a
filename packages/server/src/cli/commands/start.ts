import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join, resolve } from 'node:path'
import { AurenError } from '@auren/core'
import type { Config } from '../../config.js'
import { createDemo } from '../../demo/demo.js'
import type { Logger } from '../../log.js'
import { readRewrites } from '../../pwa/rewrites.js'
import { createPwaServer } from '../../pwa/server.js'
import { listen, startServices, stop } from '../../services.js'
import { composeServer } from '../../worker/start.js'
import type { Output } from '../output.js'
import { announce, retract, runningAt } from '../running.js'

/** Brings everything up, and stays until it is told to stop. */
export async function start(
  config: Config,
  output: Output,
  log: Logger,
  options: { demo?: boolean; pwa?: string },
): Promise<number> {
  if (!config.postgres) {
    const running = await runningAt(config.dataDir)
    if (running)
      throw new AurenError('AUREN_STORE_LOCKED', `AUREN is running already with this data folder: ${running.neuros}`)
  }
  output.note(opening(config))
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const auren = await composeServer(config, log, { port: config.ports.neuros })
    closers.push(() => auren.close())
    const services = await startServices(auren, config, log)
    closers.push(() => services.close())
    const { neuros, biometric, worker } = services.addresses
    if (!config.postgres && neuros && biometric) {
      await announce(config.dataDir, { neuros, biometric })
      closers.push(() => retract(config.dataDir))
    }
    if (neuros) output.print(`NEUROS     ${neuros}`)
    if (biometric) output.print(`Biometric  ${biometric}`)
    if (worker) output.print(`Worker     ${worker}`)
    if (neuros && biometric && (!config.postgres || options.pwa)) {
      const pwa = await startPwa(config, { neuros, biometric }, options.pwa)
      if (pwa) closers.push(() => stop(pwa.server))
      if (pwa) output.print(`PWA        ${pwa.address.replace('127.0.0.1', 'localhost')}`)
      else output.note('The PWA is not built; run npm run build, or name its folder with --pwa.')
    }
    if (options.demo) await createDemo(auren, config, output)
    output.print(ready(config, options.demo === true))
    output.note('Stop with Ctrl-C.')
    await stopped()
    output.note('Stopping …')
    await close()
    return 0
  } catch (error) {
    await close()
    throw error
  }
}

function opening(config: Config): string {
  if (config.postgres) return `Connecting to PostgreSQL at ${new URL(config.postgres.url).host} …`
  return existsSync(join(config.dataDir, 'pg'))
    ? `Opening ${config.dataDir} …`
    : `Creating the local database in ${config.dataDir} … (once, some seconds)`
}

function ready(config: Config, demo: boolean): string {
  if (demo) return 'Ready. Open the PWA, or ask: npx auren ask --demo "How did I sleep last week?"'
  return config.postgres
    ? `Ready, as ${[...config.roles].join(', ')}.`
    : 'Ready. Drop an Apple Health export into the PWA, or: npx auren import apple-health export.zip'
}

async function startPwa(
  config: Config,
  addresses: { neuros: string; biometric: string },
  folder: string | undefined,
): Promise<{ server: Server; address: string } | null> {
  const repository = resolve(import.meta.dirname, '..', '..', '..', '..')
  const dist =
    folder ??
    [join(repository, 'packages', 'pwa', 'dist'), resolve('packages', 'pwa', 'dist')].find((path) =>
      existsSync(join(path, 'index.html')),
    )
  if (!dist || !existsSync(join(dist, 'index.html'))) return null
  const vercel = [join(dist, '..', '..', '..', 'vercel.json'), resolve('vercel.json')].find(existsSync)
  const rewrites = vercel
    ? await readRewrites(vercel)
    : [
        { prefix: '/api/neuros/', port: 8000 },
        { prefix: '/api/biometric/', port: 8888 },
      ]
  const ports = new Map([
    [8000, Number(new URL(addresses.neuros).port)],
    [8888, Number(new URL(addresses.biometric).port)],
  ])
  const server = createServer(createPwaServer(dist, rewrites, ports))
  return { server, address: await listen(server, config.host, config.ports.pwa) }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.off(signal, stop)
        process.once(signal, () => process.exit(130))
      }
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}
