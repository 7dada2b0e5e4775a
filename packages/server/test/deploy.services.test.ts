import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../test/servers/server.js'
import { type Installation, install } from './harness.js'
import { readRules } from './observe/promql.js'

// What can be said of deploy/ without a Docker engine: each file by the program that reads it.

const root = resolve(import.meta.dirname, '../../..')
const deploy = join(root, 'deploy')
const folder = mkdtempSync(join(tmpdir(), 'auren-deploy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Path of a program that scripts/services provides; null, loudly, where it cannot. */
function program(name: string): string | null {
  const done = spawnSync(join(root, 'scripts/services'), [name], { encoding: 'utf8' })
  if (done.status === 0) return done.stdout.trim().split('\n').at(-1) as string
  if (process.env.AUREN_REQUIRE_SERVICES === '1') throw new Error(`${name}: ${done.stderr}`)
  console.warn(`SKIPPED: ${name} is not here: ${done.stderr.trim().split('\n').at(-1)}`)
  return null
}

const promtool = program('prometheus')
describe.skipIf(promtool === null)('Prometheus', () => {
  const check = (...args: string[]): string => execFileSync(promtool as string, args, { encoding: 'utf8' })

  it('takes its configuration and its rules', () => {
    expect(check('check', 'config', join(deploy, 'prometheus/prometheus.yml'))).toContain('1 rule files found')
    const rules = readRules(readFileSync(join(deploy, 'prometheus/rules/auren.yml'), 'utf8'))
    expect(check('check', 'rules', join(deploy, 'prometheus/rules/auren.yml'))).toContain(`${rules.length} rules found`)
  })

  it('wakes whom it should, and lets sleep whom it should', () => {
    expect(check('test', 'rules', join(deploy, 'prometheus/tests/auren.yml'))).toContain('SUCCESS')
  })

  it('would notice a rule that never fires', () => {
    const text = readFileSync(join(deploy, 'prometheus/rules/auren.yml'), 'utf8')
    const tests = readFileSync(join(deploy, 'prometheus/tests/auren.yml'), 'utf8')
    writeFileSync(
      join(folder, 'rules.yml'),
      text.replace('max(abs(auren_reconciliation_difference)) > 0', 'max(auren_reconciliation_difference) > 9'),
    )
    writeFileSync(join(folder, 'tests.yml'), tests.replace('../rules/auren.yml', 'rules.yml'))
    expect(spawnSync(promtool as string, ['test', 'rules', join(folder, 'tests.yml')]).status).not.toBe(0)
  })
})

describe.skipIf(promtool === null)('a Prometheus that scrapes a running AUREN', () => {
  let here: Installation
  let server: ReturnType<typeof spawn>
  let address: string

  const api = async <T>(path: string, query: Record<string, string> = {}): Promise<T> => {
    const answer = await fetch(`${address}/api/v1/${path}?${new URLSearchParams(query)}`)
    const body = (await answer.json()) as { status: string; data: T; error?: string }
    if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(query)}: ${body.error}`)
    return body.data
  }
  /** Asks until it is so; the test's own time-out is the limit. */
  const until = async (what: () => Promise<boolean>): Promise<void> => {
    while (!(await what().catch(() => false))) await wait(200)
  }

  beforeAll(async () => {
    here = await install()
    const target = new URL(here.services.addresses.neuros as string).host
    const config = readFileSync(join(deploy, 'prometheus/prometheus.yml'), 'utf8')
      .replace(/(neuros-advanced|biometric-production|auren-worker):9464/g, target)
      .replaceAll('15s', '1s')
      .replace('rules/*.yml', join(deploy, 'prometheus/rules/*.yml'))
    writeFileSync(join(folder, 'prometheus.yml'), config)
    const port = await freePort()
    address = `http://127.0.0.1:${port}`
    server = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    )
    await until(
      async () => (await api<{ result: unknown[] }>('query', { query: 'auren_store_up == 1' })).result.length === 3,
    )
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
    await here.close()
    await here.remove()
  })

  it('evaluates every rule', async () => {
    type Group = { rules: { name: string; health: string; lastError?: string; state?: string }[] }
    const rules = async () => (await api<{ groups: Group[] }>('rules')).groups.flatMap((group) => group.rules)
    await until(async () => (await rules()).every(({ health }) => health !== 'unknown'))
    const all = await rules()
    expect(all.length).toBe(readRules(readFileSync(join(deploy, 'prometheus/rules/auren.yml'), 'utf8')).length)
    expect(all.filter(({ health }) => health !== 'ok')).toEqual([])
    // A sound installation wakes nobody. (How full this machine's disk is says nothing of AUREN.)
    const firing = all.filter(
      ({ state, name }) => state !== undefined && state !== 'inactive' && !name.startsWith('AurenDisk'),
    )
    expect(firing.map(({ name }) => name)).toEqual([])
  })

  const dashboards = readdirSync(join(deploy, 'grafana/dashboards'))
  it.each(dashboards)('answers every query of dashboard %s', async (file) => {
    const { panels } = JSON.parse(readFileSync(join(deploy, 'grafana/dashboards', file), 'utf8')) as {
      panels: { targets: { expr: string }[] }[]
    }
    for (const { expr } of panels.flatMap(({ targets }) => targets))
      await api('query', { query: expr.replaceAll('$__rate_interval', '1m') })
  })
})

interface Service {
  container_name: string
  image: string
  restart: string
  command?: string[]
  environment?: Record<string, string | null>
  ports?: { host_ip?: string; published: string; target: number }[]
  volumes?: { type: string; source: string; target: string; read_only?: boolean }[]
  networks: Record<string, { ipv4_address?: string } | null>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  deploy: { resources: { limits: { cpus: string; memory: string; pids: number } } }
  logging: { driver: string; options: Record<string, string> }
  read_only?: boolean
  user?: string
  cap_drop?: string[]
  cap_add?: string[]
  security_opt?: string[]
  privileged?: boolean
  init?: boolean
}
interface Project {
  services: Record<string, Service>
  networks: Record<string, { name: string; ipam: { config: { subnet: string }[] } }>
  volumes: Record<string, { name: string }>
}

const composeParser = program('compose')
describe.skipIf(composeParser === null)('compose.yaml, as Docker Compose’s own parser reads it', () => {
  const parse = (text: string) => {
    const file = join(folder, 'compose.yaml')
    // The parser's small program hands no variables over: their defaults, and a word where one is wanted, stand here.
    writeFileSync(
      file,
      text.replace(/(?<!\$)\$\{\w+(?::([?-])([^}]*))?\}/g, (_, kind, rest) => (kind === '-' ? rest : 'wanted')),
    )
    return spawnSync(composeParser as string, ['-format', 'json', '-no-interpolation', '-no-path-resolution', file], {
      encoding: 'utf8',
    })
  }
  const text = readFileSync(join(deploy, 'compose.yaml'), 'utf8')
  let project: Project
  let services: [string, Service][]
  beforeAll(() => {
    const done = parse(text)
    expect(done.stderr).toBe('')
    project = JSON.parse(done.stdout) as Project
    services = Object.entries(project.services)
  })

  it('is valid by the schema, which would notice a slip', () => {
    expect(parse(text.replace('restart: unless-stopped', 'restrat: unless-stopped')).status).not.toBe(0)
    expect(parse(text.replace('condition: service_healthy', 'condition: service_helthy')).status).not.toBe(0)
  })

  it('has the names of the deployment', () => {
    for (const [name, { container_name }] of services) expect(container_name).toBe(name)
    const image = (name: string) => project.services[name]?.image
    expect(image('neuros-advanced')).toMatch(/^neuros-advanced:/)
    expect(image('biometric-production')).toMatch(/^auren_deploy_biometric-bridge:/)
    expect(image('auren-postgres')).toMatch(/^timescale\/timescaledb:.*pg16$/)
    expect(image('auren-redis')).toBe('redis:7-alpine')
    expect(image('auren-kafka')).toMatch(/^apache\/kafka:4\./)
    expect(project.networks).toMatchObject({
      'auren-network': { name: 'auren-network', ipam: { config: [{ subnet: '172.18.0.0/16' }] } },
    })
    expect(project.services['auren-postgres']?.environment).toMatchObject({
      POSTGRES_DB: 'auren_production',
      POSTGRES_USER: 'auren_user',
    })
    const roles = ['neuros-advanced', 'biometric-production', 'auren-worker'].map(
      (name) => project.services[name]?.environment?.AUREN_ROLES,
    )
    expect(roles).toEqual(['neuros', 'biometric', 'worker'])
    for (const [key, { name }] of Object.entries(project.volumes)) expect(name).toBe(key)
  })

  it('publishes nothing of the databases, and to the Internet only Caddy', () => {
    for (const name of ['auren-postgres', 'auren-redis', 'auren-kafka', 'auren-worker'])
      expect(project.services[name]?.ports).toBeUndefined()
    const open = services.flatMap(([name, { ports = [] }]) =>
      ports.filter(({ host_ip }) => host_ip !== '127.0.0.1').map(({ published }) => `${name} ${published}`),
    )
    expect(open).toEqual(['auren-caddy 80', 'auren-caddy 443', 'auren-caddy 443'])
    const local = services.flatMap(([, { ports = [] }]) =>
      ports.filter(({ host_ip }) => host_ip === '127.0.0.1').map(({ published }) => published),
    )
    expect(local.sort()).toEqual(['3000', '8000', '8888', '9090'])
  })

  it('takes every right away that is not needed', () => {
    for (const [name, one] of services) {
      expect(one.cap_drop, name).toEqual(['ALL'])
      expect(one.security_opt, name).toEqual(['no-new-privileges:true'])
      expect(one.privileged, name).toBeUndefined()
      expect(one.volumes?.filter(({ source }) => /docker\.sock|^\/(etc|proc|sys|$)/.test(source)) ?? [], name).toEqual(
        [],
      )
    }
    const where = (test: (one: Service) => boolean) => services.filter(([, one]) => test(one)).map(([name]) => name)
    expect(where((one) => one.read_only !== true)).toEqual(['auren-kafka'])
    // Kafka's image has a user of its own; the entry points of these two begin as root and need what they get back.
    expect(where((one) => one.user === undefined || one.user.startsWith('0')).sort()).toEqual([
      'auren-caddy',
      'auren-kafka',
      'auren-postgres',
    ])
    expect(where((one) => one.cap_add !== undefined).sort()).toEqual(['auren-caddy', 'auren-postgres'])
  })

  it('bounds, restarts, watches and rotates everything', () => {
    for (const [name, one] of services) {
      expect(one.restart, name).toBe('unless-stopped')
      expect(Object.keys(one.deploy.resources.limits).sort(), name).toEqual(['cpus', 'memory', 'pids'])
      expect(one.logging, name).toMatchObject({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } })
      expect(one.healthcheck?.test.length, name).toBeGreaterThan(1)
      expect(Object.keys(one.networks), name).toEqual(['auren-network'])
      expect(one.image, name).toMatch(/:[\w.-]+$/)
    }
  })

  it('starts in order, and does not wait for what it can do without', () => {
    for (const name of ['neuros-advanced', 'biometric-production', 'auren-worker'])
      expect(project.services[name]?.depends_on, name).toMatchObject({
        'auren-postgres': { condition: 'service_healthy' },
        'auren-redis': { condition: 'service_started' },
        'auren-kafka': { condition: 'service_started' },
      })
    for (const [name, { depends_on = {} }] of services)
      for (const needed of Object.keys(depends_on)) expect(Object.keys(project.services), name).toContain(needed)
    expect(project.services['auren-caddy']?.depends_on).toMatchObject({
      'neuros-advanced': { condition: 'service_healthy' },
    })
  })

  it('believes of proxies Caddy alone', () => {
    const address = project.services['auren-caddy']?.networks['auren-network']?.ipv4_address
    expect(address).toBe('172.18.0.10')
    for (const name of ['neuros-advanced', 'biometric-production'])
      expect(project.services[name]?.environment?.AUREN_TRUST_PROXY).toBe(address)
  })

  it('keeps in volumes what must outlive a container', () => {
    const kept = services.flatMap(([name, { volumes = [] }]) =>
      volumes.filter(({ type }) => type === 'volume').map(({ target }) => `${name}:${target}`),
    )
    for (const place of [
      'auren-postgres:/var/lib/postgresql/data',
      'auren-kafka:/var/lib/kafka/data',
      'auren-caddy:/data',
    ])
      expect(kept).toContain(place)
  })
})

const hadolint = program('hadolint')
describe.skipIf(hadolint === null)('Dockerfile', () => {
  it('has nothing that hadolint would change', () => {
    const done = spawnSync(hadolint as string, [join(deploy, 'Dockerfile')], { encoding: 'utf8' })
    expect(done.stdout + done.stderr).toBe('')
  })
})

const caddy = program('caddy')
describe.skipIf(caddy === null)('Caddyfile', () => {
  it('is read, with the metrics kept inside before all else', () => {
    const env = { ...process.env, AUREN_DOMAIN: 'auren.example.org' }
    const done = spawnSync(
      caddy as string,
      ['adapt', '--config', join(deploy, 'Caddyfile'), '--adapter', 'caddyfile'],
      { encoding: 'utf8', env },
    )
    expect(done.status).toBe(0)
    const order = ['/api/neuros/metrics', 'neuros-advanced:8000', 'biometric-production:8888'].map((word) =>
      done.stdout.indexOf(word),
    )
    expect(order.every((at) => at > 0)).toBe(true)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(done.stdout).toContain('auren.example.org')
  })
})
