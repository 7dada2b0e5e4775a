import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Locked {
  resolved?: string
  integrity?: string
  link?: boolean
  optional?: boolean
  hasInstallScript?: boolean
  bundled?: boolean
  inBundle?: boolean
}
const lock = JSON.parse(read('package-lock.json')) as { lockfileVersion: number; packages: Record<string, Locked> }
const installed = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)

describe('what is installed (C26)', () => {
  it('is locked, every package by the hash of its bytes, but for binaries of other systems, which are not fetched here', () => {
    expect(lock.lockfileVersion).toBe(3)
    expect(installed.length).toBeGreaterThan(300)
    const without = installed.filter(
      ([, { integrity, inBundle }]) => !inBundle && !/^sha512-[\w+/]{86}==/.test(integrity ?? ''),
    )
    for (const [path, { optional }] of without) {
      expect(path).toMatch(/-(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|aix)-/)
      expect(optional, path).toBe(true)
      expect(existsSync(join(root, path)), path).toBe(false)
    }
  })

  it('comes from nowhere but the registry', () => {
    for (const [path, { resolved }] of installed)
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\//)
    const manifests = Object.keys(lock.packages).filter((path) => !path.includes('node_modules'))
    for (const path of manifests) {
      const {
        dependencies = {},
        devDependencies = {},
        optionalDependencies = {},
      } = JSON.parse(read(join(path, 'package.json'))) as Record<string, Record<string, string>>
      for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
        expect(range, `${path} ${name}`).not.toMatch(/git|https?:|file:|github:|\//)
    }
  })

  it('runs no program while it is installed, but for those on the list', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m)
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> }
    const allowed = new Set([...Object.keys(allowScripts), 'fsevents'])
    const wanting = installed.filter(([, { hasInstallScript }]) => hasInstallScript)
    const names = wanting.map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(names.filter((name) => !allowed.has(name))).toEqual([])
  })

  it('can be listed offline, in the form of CycloneDX', () => {
    const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--offline'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const sbom = JSON.parse(text) as { bomFormat: string; components: { name: string; version: string }[] }
    expect(sbom.bomFormat).toBe('CycloneDX')
    const { version } = JSON.parse(read('node_modules/express/package.json')) as { version: string }
    expect(sbom.components).toContainEqual(expect.objectContaining({ name: 'express', version }))
    expect(sbom.components.length).toBeGreaterThan(300)
  })
})

describe('what the repository holds (C26)', () => {
  /** Forms of secrets as their issuers give them out. */
  const patterns: [string, RegExp][] = [
    ['private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/],
    ['AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
    ['GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{60,}/],
    ['OpenAI key', /\bsk-(?:proj-)?[A-Za-z0-9_-]{32,}\b/],
    ['Slack token', /\bxox[abprs]-[A-Za-z0-9-]{20,}/],
    ['Google key', /\bAIza[0-9A-Za-z_-]{35}\b/],
    ['npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
    ['JWT', /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}/],
    ['API token of ours', /\bauren_pat_[\w-]{43}\b/],
    [
      'set variable',
      /^(?:export )?[A-Z_]*(?:SECRET|PASSWORD|TOKEN|MASTER_KEY|JWT_KEY|API_KEY)[A-Z_]*=[^\s#$<{]{16,}$/m,
    ],
  ]
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)

  it('is no secret, by the patterns of those who issue them', () => {
    expect(files.length).toBeGreaterThan(300)
    const found = files.flatMap((path) => {
      let text = ''
      try {
        text = read(path)
      } catch {
        // Deleted in the work tree, not yet in the index.
      }
      return patterns.flatMap(([name, pattern]) => (pattern.test(text) ? [`${name} in ${path}`] : []))
    })
    expect(found).toEqual([])
  })

  it('is no file that holds secrets by its nature', () => {
    expect(
      files.filter((path) => /(^|\/)(\.env|.*\.(pem|key|p12|pfx|jks)|id_(rsa|ed25519)|master\.key)$/.test(path)),
    ).toEqual([])
    expect(read('.gitignore')).toMatch(/^\/?\.env$/m)
  })

  it.each([
    ['AWS access key', `AKIA${'ABCDEFGHIJKLMNOP'}`],
    ['private key', `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}`],
    ['set variable', `OURA_CLIENT_SECRET=${'abcdef0123456789'}`],
    ['API token of ours', `auren_pat_${'x'.repeat(43)}`],
  ])('would be found: %s', (name, text) => {
    expect(patterns.filter(([, pattern]) => pattern.test(text)).map(([found]) => found)).toContain(name)
  })
})
