// publint and arethetypeswrong over the packages as they would be published.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { pack } from './pack.mjs'

const root = resolve(import.meta.dirname, '..')
const into = mkdtempSync(join(tmpdir(), 'auren-pack-'))
let failed = false
try {
  for (const tarball of pack(into)) {
    const lint = await hasLint(tarball)
    if (lint || hasWrongTypes(tarball)) failed = true
    else console.log(`${tarball.name}: publint and attw have nothing to say`)
  }
} finally {
  rmSync(into, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0

/** @param {import('./pack.mjs').Tarball} tarball */
async function hasLint({ name, file }) {
  const bytes = readFileSync(file)
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  })
  for (const message of messages) console.error(`${name}: publint: ${formatMessage(message, pkg) ?? message.code}`)
  return messages.length > 0
}

/** @param {import('./pack.mjs').Tarball} tarball */
function hasWrongTypes({ name, file, workers }) {
  const exclude = workers.length > 0 ? ['--exclude-entrypoints', ...workers] : []
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'),
      file,
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--no-color',
      '--no-emoji',
      ...exclude,
    ],
    { cwd: root, encoding: 'utf8' },
  )
  if (status !== 0) console.error(`${name}: attw:\n${stdout}${stderr}`)
  return status !== 0
}
