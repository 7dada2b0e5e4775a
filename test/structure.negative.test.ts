// Each check of structure.test.ts, shown to fail on a small tree that breaks it and to pass on its mended twin.
import { afterEach, describe, expect, it } from 'vitest'
import { completed } from '../scripts/complete-lock.mjs'
import { circles, eagerLangchain, outwardImports, vendorsInCore } from './structure/arrows.js'
import {
  differingVersions,
  eagerPeers,
  optionalsNotInLock,
  resolvedInLock,
  undeclaredImports,
} from './structure/dependencies.js'
import { readGraph } from './structure/graph.js'
import { longFiles, missingRooms } from './structure/rooms.js'
import { fabricate } from './structure/trees.js'
import { localWords } from './structure/words.js'

const removals: (() => void)[] = []
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

function tree(files: Record<string, string>): string {
  const { root, remove } = fabricate({ 'package.json': '{}', ...files })
  removals.push(remove)
  return root
}

const core = 'packages/core/src'

describe('arrows', () => {
  it.each([
    [`${core}/index.ts`, "import '@auren/plugins/ring'"],
    [`${core}/index.ts`, "export type { Ring } from '@auren/plugins/ring'"],
    ['packages/plugins/src/models/x/index.ts', "await import('@auren/server')"],
    ['packages/pwa/src/main.tsx', "import type { Fact } from '@auren/core'"],
    ['packages/server/src/index.ts', "import '../../plugins/src/wearables/ring/index.js'"],
  ])('%s may not say %s', async (file, text) => {
    const ring = { 'packages/plugins/src/wearables/ring/index.ts': 'export const ring = 1' }
    expect(outwardImports(await readGraph(tree({ ...ring, [file]: text })))).toHaveLength(1)
  })

  it('lets the server use plugins and core through their doors', async () => {
    const text = "import '@auren/plugins/ring'\nimport '@auren/core'\nimport './config.js'"
    const root = tree({ 'packages/server/src/index.ts': text, 'packages/server/src/config.ts': 'export {}' })
    expect(outwardImports(await readGraph(root))).toEqual([])
  })
})

describe('circles', () => {
  it('finds a circle over three files, once, type imports included', async () => {
    const root = tree({
      [`${core}/a.ts`]: "export * from './b.js'",
      [`${core}/b.ts`]: "import type { C } from './c.js'\nexport type B = C",
      [`${core}/c.ts`]: "import './a.js'\nexport type C = 1",
    })
    expect(circles(await readGraph(root))).toHaveLength(1)
  })

  it('is content with a chain', async () => {
    const root = tree({ [`${core}/a.ts`]: "export * from './b.js'", [`${core}/b.ts`]: 'export const b = 1' })
    expect(circles(await readGraph(root))).toEqual([])
  })
})

describe('core', () => {
  it('may not import a vendor package, even for a type', async () => {
    const root = tree({ [`${core}/a.ts`]: "import type { Pool } from 'pg'\nimport 'zod'\nimport 'node:fs'" })
    expect(vendorsInCore(await readGraph(root))).toEqual([`${core}/a.ts imports pg`])
  })

  it.each([
    [
      "export * from './graph.js'",
      "import { StateGraph } from '@langchain/langgraph'\nexport const graph = StateGraph",
      1,
    ],
    ["export * from './graph.js'", "import type { StateGraph } from '@langchain/langgraph'", 0],
    ["export * from './graph.js'", "await import('@langchain/langgraph')", 0],
    [
      "await import('./graph.js')",
      "import { StateGraph } from '@langchain/langgraph'\nexport const graph = StateGraph",
      0,
    ],
  ])('%s, where graph.ts says %s, loads LangChain eagerly: %i', async (index, text, count) => {
    const root = tree({ [`${core}/index.ts`]: index, [`${core}/graph.ts`]: text })
    expect(eagerLangchain(await readGraph(root))).toHaveLength(count)
  })
})

describe('dependencies', () => {
  const manifest = JSON.stringify({
    name: '@auren/plugins',
    dependencies: { zod: '4.0.0' },
    devDependencies: { vitest: '4.0.0' },
    peerDependencies: { pg: '^8' },
    peerDependenciesMeta: { pg: { optional: true } },
  })
  const plugins = (src: string, test = '') =>
    tree({
      'packages/plugins/package.json': manifest,
      'packages/plugins/src/a.ts': src,
      'packages/plugins/test/a.test.ts': test,
    })

  it.each([
    ["import 'left-pad'", '', 1],
    ["import 'vitest'", '', 1],
    ["import 'zod/mini'\nimport 'pg'\nimport 'node:fs'", "import 'vitest'", 0],
  ])('source %s with test %s has undeclared imports: %i', async (src, test, count) => {
    const root = plugins(src, test)
    expect(undeclaredImports(root, await readGraph(root))).toHaveLength(count)
  })

  it.each([
    ["import pg from 'pg'\nexport const pool = pg.Pool", 1],
    ["import type { Pool } from 'pg'\nawait import('pg')", 0],
  ])('%s loads optional peers eagerly: %i', async (src, count) => {
    const root = plugins(src)
    expect(eagerPeers(root, await readGraph(root))).toHaveLength(count)
  })

  it('may not be wanted in two versions', () => {
    const root = tree({
      'packages/a/package.json': '{ "dependencies": { "zod": "4.0.0", "pg": "8.0.0" } }',
      'packages/b/package.json': '{ "devDependencies": { "zod": "4.0.1", "pg": "8.0.0" } }',
    })
    expect(differingVersions(root)).toEqual(['zod: 4.0.0 in packages/a; 4.0.1 in packages/b'])
  })

  it('may not be locked to an address, except for the packages of the repository', () => {
    const lock = {
      packages: { a: { resolved: 'https://example.org/a.tgz' }, b: { resolved: 'packages/b', link: true } },
    }
    expect(resolvedInLock(tree({ 'package-lock.json': JSON.stringify(lock) }))).toHaveLength(1)
    expect(resolvedInLock(tree({}))).toHaveLength(1)
  })
})

describe('the lock', () => {
  const optionalDependencies = {
    '@x/cli-darwin-arm64': '1.0.0',
    '@x/cli-linux-x64-musl': '1.0.0',
    '@x/cli-linux-x64': '1.0.0',
  }
  const packages = {
    '': {},
    'node_modules/@x/cli': { version: '1.0.0', dev: true, optionalDependencies },
    'node_modules/@x/cli-linux-x64': { version: '1.0.0' },
  }

  it('must name the optional packages for other systems, and can be completed', () => {
    const lock = (entries: object) => tree({ 'package-lock.json': JSON.stringify({ packages: entries }) })
    expect(optionalsNotInLock(lock(packages))).toHaveLength(2)
    const whole = completed(packages)
    expect(optionalsNotInLock(lock(whole))).toEqual([])
    expect(whole['node_modules/@x/cli-linux-x64-musl']).toEqual({
      version: '1.0.0',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    })
  })

  it('is not completed by guessing', () => {
    expect(() => completed({ a: { optionalDependencies: { 'x-linux-x64': '^1.0.0' } } })).toThrow(/does not say/)
    expect(() => completed({ a: { optionalDependencies: { fast: '1.0.0' } } })).toThrow(/does not say/)
  })
})

describe('rooms', () => {
  const ring = { 'packages/plugins/src/wearables/ring/index.ts': '', 'packages/plugins/src/storage/sql/table.ts': '' }

  it('finds each room that a plugin lacks, and lets shared code be', () => {
    expect(missingRooms(tree(ring))).toHaveLength(3)
    const rooms = {
      'packages/plugins/test/ring.test.ts': '',
      'docs/plugins/ring.md': '',
      'packages/plugins/fixtures/ring/night.json': '{}',
    }
    expect(missingRooms(tree({ ...ring, ...rooms }))).toEqual([])
  })

  it('counts lines, generated files apart', () => {
    const long = 'x\n'.repeat(501)
    const root = tree({
      [`${core}/long.ts`]: long,
      [`${core}/long.generated.ts`]: long,
      [`${core}/ok.ts`]: 'x\n'.repeat(500),
    })
    expect(longFiles(root)).toEqual([`${core}/long.ts has 501 lines`])
  })
})

describe('words', () => {
  it.each([
    [['see ', 'work', 'main'].join('/'), 1],
    [['"', 'home', 'ann', 'auren"'].join('/'), 1],
    [['https:', '', 'registry', 'npmjs.org'].join('/').replace('registry/', 'registry.'), 1],
    ['GET https://example.org/work/main, src/work/main.ts and registry.set(name)', 0],
  ])('%s has local words: %i', (text, count) => {
    expect(localWords(tree({ 'docs/a.md': text }))).toHaveLength(count)
  })
})
