import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlugin } from '../src/cli/commands/plugin.js'
import type { Output } from '../src/cli/output.js'
import { tools, wearableFiles } from '../src/cli/scaffold/wearable.js'

const root = path.resolve(import.meta.dirname, '../../..')
const into = mkdtempSync(path.join(tmpdir(), 'auren-plugin-'))
const printed: string[] = []
const output: Output = {
  json: false,
  interactive: false,
  print: (text) => printed.push(text),
  data: () => undefined,
  note: () => undefined,
}
const make = (name: string, kind = 'wearable') => newPlugin(output, name, { kind, into })
const folder = path.join(into, 'invented-band-2')

beforeAll(async () => {
  await make('invented-band-2')
  // What `npm install` would bring, from this workspace.
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
})
afterAll(() => rmSync(into, { recursive: true, force: true }))

function node(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'node_modules', script), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  })
  return { status, text: stdout + stderr }
}

describe('auren plugin new', () => {
  it('makes a plugin that compiles', () => {
    // Here core's types are its source, which is written for a later library than a plugin needs.
    const here = ['--customConditions', 'auren-source', '--lib', 'ES2023,ES2024.String']
    const { status, text } = node('typescript/bin/tsc', '--noEmit', ...here)
    expect(text).toBe('')
    expect(status).toBe(0)
  })

  it('makes a plugin whose own test passes, and is bronze', () => {
    const config = path.join(folder, 'vitest.config.mjs')
    const source = "{ conditions: ['auren-source'] }"
    writeFileSync(config, `export default { resolve: ${source}, ssr: { resolve: ${source} } }\n`)
    const { status, text } = node('vitest/vitest.mjs', 'run', '--reporter=verbose')
    expect(text).toContain('invented-band-2 is bronze at least')
    expect(status, text).toBe(0)
  })

  it('asks for the versions that this workspace is tested with', () => {
    const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
    }
    const core = JSON.parse(readFileSync(path.join(root, 'packages/core/package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const [name, range] of Object.entries(tools))
      expect([name, range]).toEqual([name, `^${devDependencies[name] ?? core.dependencies[name]}`])
  })

  it.each(['Ring', 'my_ring', '../ring', 'ring-', '', 'class', 'a'.repeat(61)])(
    'refuses the name "%s"',
    async (name) => {
      await expect(make(name)).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
    },
  )

  it('refuses a name that is taken, a folder that is not empty, and another kind', async () => {
    await expect(make('oura')).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await expect(make('invented-band-2')).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await expect(make('my-store', 'storage')).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  })

  it('says what it made', () => {
    for (const file of Object.keys(wearableFiles({ id: 'invented-band-2', factory: 'f', version: '0.1.0' })))
      expect(printed).toContain(`  ${file}`)
  })
})
