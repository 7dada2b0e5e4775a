#!/usr/bin/env node
// The published package has its build beside this file; a fresh checkout makes it first, once.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInFewArenas } from './few-arenas.js'

const cli = new URL('../dist/cli.js', import.meta.url)
if (!existsSync(cli)) {
  const build = new URL('../../../scripts/build.mjs', import.meta.url)
  if (!existsSync(build)) {
    console.error('This package is incomplete: dist/cli.js is missing. Install it again.')
    process.exit(1)
  }
  console.error('Building AUREN first, once …')
  const { status } = spawnSync(process.execPath, [fileURLToPath(build), '--js'], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
} else await noteOldBuild()
if (process.argv[2] === 'start') runInFewArenas(fileURLToPath(cli), process.argv.slice(2))
await import(cli.href)

/** In a checkout: what runs is the last build, and that should be no surprise. Nothing is built here: a server may run from it. */
async function noteOldBuild() {
  const stamp = new URL('../../../scripts/build/stamp.mjs', import.meta.url)
  if (!existsSync(stamp)) return
  const { isFresh } = await import(stamp.href)
  const root = resolve(import.meta.dirname, '../../..')
  const old = ['core', 'plugins', 'server'].filter((name) => !isFresh(root, `packages/${name}`, 'dist'))
  if (old.length > 0)
    console.error(
      `This is an older build: ${old.join(' and ')} changed since. Renew it: npm start, or npm run build:js.`,
    )
}
