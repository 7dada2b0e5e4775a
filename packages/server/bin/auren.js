#!/usr/bin/env node
// The published package has its build beside this file; a fresh checkout makes it first, once.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

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
}
await import(cli.href)
