import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { variables } from '../src/config.js'
import { observeVariables } from '../src/observe/config.js'

const root = resolve(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const compose = read('deploy/compose.yaml')
/** Names that compose takes from .env. */
const interpolated = new Set([...compose.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name as string))
/** Of those, what compose alone needs. */
const ofCompose = [
  'POSTGRES_PASSWORD',
  'REDIS_PASSWORD',
  'GRAFANA_PASSWORD',
  'AUREN_DOMAIN',
  'AUREN_PUBLISH',
  'AUREN_VERSION',
]
const known = new Set([...variables, ...Object.keys(observeVariables)])

describe('.env.example', () => {
  const lines = read('.env.example').split('\n')
  const settings = lines.flatMap((line) => {
    const match = /^#?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line)
    return match ? [{ name: match[1] as string, value: match[2] as string, set: !line.startsWith('#') }] : []
  })

  it('names exactly what configuration and compose read', () => {
    expect(settings.map(({ name }) => name).sort()).toEqual([...new Set([...known, ...ofCompose])].sort())
  })

  it('holds no secret', () => {
    for (const { name, value } of settings)
      if (/KEY|SECRET|PASSWORD|TOKEN/.test(name)) expect([name, value]).toEqual([name, ''])
  })

  it('has what compose cannot do without, uncommented', () => {
    const wanted = [...compose.matchAll(/(?<!\$)\$\{(\w+):\?/g)].map(([, name]) => name as string)
    const set = new Set(settings.filter((setting) => setting.set).map(({ name }) => name))
    expect([...new Set(wanted)].filter((name) => !set.has(name))).toEqual([])
  })

  it('is the only file of its kind that git and the image take', () => {
    const ignored = (file: string): boolean => {
      try {
        execFileSync('git', ['check-ignore', '-q', '--no-index', file], { cwd: root })
        return true
      } catch {
        return false
      }
    }
    expect([ignored('.env'), ignored('.env.production'), ignored('.env.example')]).toEqual([true, true, false])
    const image = read('.dockerignore').split('\n')
    for (const secret of ['.env', '.env.*', '.git', '**/*.key', '**/*.pem']) expect(image).toContain(secret)
  })
})

describe('compose.yaml', () => {
  it('hands every variable of a vendor on', () => {
    const ofVendors = [...variables].filter((name) => !/^(AUREN|NODE|POSTGRES|REDIS|KAFKA)_/.test(name))
    expect(ofVendors.length).toBeGreaterThan(40)
    expect(ofVendors.filter((name) => !interpolated.has(name))).toEqual([])
  })

  it('takes from .env only what is read', () => {
    expect([...interpolated].filter((name) => !known.has(name) && !ofCompose.includes(name))).toEqual([])
  })

  it('holds no secret', () => {
    for (const line of compose.split('\n'))
      if (/^\s*[A-Z_]*(PASSWORD|SECRET|TOKEN|_KEY)[A-Z_]*:/.test(line)) expect(line).toMatch(/: \$\{\w+:[?-]/)
    expect(compose).not.toMatch(/:\/\/[^:\s$]*:[^@$\s]+@/)
  })
})

describe('Dockerfile', () => {
  const lines = read('deploy/Dockerfile').split('\n')

  it('ends as a user without rights, hears SIGTERM itself, and says how it is', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
    expect(last).toContain('USER 1000:1000')
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true)
    expect(last.find((line) => line.startsWith('ENTRYPOINT '))).toBe(
      'ENTRYPOINT ["node", "packages/server/bin/auren.js"]',
    )
    expect(last.some((line) => /^(RUN|ADD) /.test(line))).toBe(false)
  })

  it('runs no install script, and takes what it runs from the lock alone', () => {
    const installs = lines.filter((line) => /npm (ci|install|i)\b/.test(line))
    expect(installs).toHaveLength(2)
    for (const line of installs) expect(line).toMatch(/npm ci --ignore-scripts/)
    expect(lines.join('\n')).not.toMatch(/curl|wget|ADD http/)
  })

  it('copies only what there is', () => {
    for (const line of lines.filter((text) => /^COPY (?!--from)/.test(text)))
      for (const source of line.split(' ').slice(1, -1))
        expect(() => statSync(join(root, source)), source).not.toThrow()
  })
})

describe('install scripts (C26)', () => {
  it('run for nobody but those named, and those are few', () => {
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts?: Record<string, boolean> }
    expect(Object.keys(allowScripts ?? {})).toEqual(['esbuild'])
    // npm of Node 20 does not know that list: there, none run at all.
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m)
  })

  it('the release makes a list of what is in it', () => {
    expect(read('.github/workflows/release.yml')).toMatch(/npm sbom --sbom-format[= ]cyclonedx/)
  })
})
