// Takes the guards out, one at a time, and sees the tests fail.
// Usage: npm run test:mutants [-- <name>… | --list]
// Each patch in test/mutants/ removes one guarantee and names the test that must notice. The patches are applied to a
// scratch copy of the working tree; the tree itself is not touched.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'

/**
 * @typedef {{ name: string, patch: string, guarantee: string, file: string, test: string, touched: string[] }} Mutant
 * @typedef {{ status: string, messages: string[] }} Outcome
 */

const root = path.resolve(import.meta.dirname, '..')
const folder = path.join(root, 'test/mutants')

/** @returns {Mutant[]} every patch with what its header says */
function readMutants() {
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => {
      const patch = path.join(folder, file)
      const text = fs.readFileSync(patch, 'utf8')
      const head = text.slice(0, text.indexOf('\n--- a/'))
      const field = (/** @type {string} */ key) => {
        const found = new RegExp(`^${key}: (.+)$`, 'm').exec(head)?.[1]
        if (!found) throw new Error(`test/mutants/${file} has no line "${key}: …" before its first hunk`)
        return found.trim()
      }
      return {
        name: path.basename(file, '.patch'),
        patch,
        guarantee: field('Guarantee'),
        file: field('Test file'),
        test: field('Must fail'),
        touched: [...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, touched]) => /** @type {string} */ (touched).trim()),
      }
    })
}

/** Copies what git knows or would know; installed packages are linked, our own workspaces into the copy. */
function copyTree(/** @type {string} */ copy) {
  const listed = spawnSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  if (listed.status !== 0)
    throw new Error(`The files to copy are those that git lists, and it failed: ${listed.stderr}`)
  for (const file of listed.stdout.split('\0').filter((name) => name && fs.existsSync(path.join(root, name)))) {
    fs.mkdirSync(path.dirname(path.join(copy, file)), { recursive: true })
    fs.copyFileSync(path.join(root, file), path.join(copy, file))
  }
  const packages = ['packages', 'examples'].flatMap((room) =>
    fs.readdirSync(path.join(copy, room)).map((name) => path.join(room, name)),
  )
  for (const at of ['.', ...packages])
    linkModules(path.join(root, at, 'node_modules'), path.join(copy, at, 'node_modules'), copy)
  checkResolution(copy, packages)
}

/** Links each installed package; a link to a workspace leads to the copy of it. */
function linkModules(/** @type {string} */ from, /** @type {string} */ to, /** @type {string} */ copy) {
  if (!fs.existsSync(from)) return
  fs.mkdirSync(to, { recursive: true })
  for (const entry of fs.readdirSync(from)) {
    // Caches are written to: the copy gets its own.
    if (entry.startsWith('.') && entry !== '.bin') continue
    const real = fs.realpathSync(path.join(from, entry))
    const inside = path.relative(root, real)
    const ours = !inside.startsWith('..') && !inside.includes('node_modules')
    const scope =
      entry.startsWith('@') && fs.readdirSync(real).some((name) => fs.lstatSync(path.join(real, name)).isSymbolicLink())
    if (scope) linkModules(path.join(from, entry), path.join(to, entry), copy)
    else fs.symlinkSync(ours ? path.join(copy, inside) : real, path.join(to, entry))
  }
}

/** A copy whose @auren/* led back to the original would run no mutant at all. */
function checkResolution(/** @type {string} */ copy, /** @type {string[]} */ packages) {
  const names = packages.map((at) => JSON.parse(fs.readFileSync(path.join(copy, at, 'package.json'), 'utf8')).name)
  for (const at of packages)
    for (const name of names) {
      const require = createRequire(path.join(copy, at, 'package.json'))
      const paths = require.resolve.paths(name) ?? []
      const found = paths.map((base) => path.join(base, name)).find((file) => fs.existsSync(file))
      if (found && !fs.realpathSync(found).startsWith(`${copy}${path.sep}`))
        throw new Error(`In the copy, ${at} finds ${name} at ${fs.realpathSync(found)}: no mutant would run`)
    }
}

/**
 * Runs tests by their full names.
 * @returns {Promise<Map<string, Outcome>>} by file and name; what did not run is not there, and its file says why
 */
async function runTests(/** @type {string} */ copy, /** @type {Mutant[]} */ mutants) {
  const report = path.join(copy, 'mutant-report.json')
  fs.rmSync(report, { force: true })
  const escaped = [...new Set(mutants.map(({ test }) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))]
  const args = [
    ...['run', ...new Set(mutants.map(({ file }) => file))],
    ...[
      '--testTimeout=90000',
      '--hookTimeout=90000',
      '-t',
      `^(${escaped.join('|')})$`,
      '--reporter=json',
      `--outputFile=${report}`,
    ],
  ]
  const vitest = spawn(process.execPath, [path.join(copy, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: copy,
    env: { ...process.env, AUREN_SHARED: process.env.AUREN_SHARED ?? path.resolve(root, '../shared'), NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  vitest.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4000)
  })
  await new Promise((resolve) => vitest.once('close', resolve))
  if (!fs.existsSync(report)) throw new Error(`vitest wrote no report: ${said}`)
  /** @type {Map<string, Outcome>} */
  const outcomes = new Map()
  for (const { name, message, assertionResults } of JSON.parse(fs.readFileSync(report, 'utf8')).testResults) {
    const file = path.relative(copy, name)
    if (message) outcomes.set(file, { status: 'broken', messages: [message] })
    for (const { fullName, status, failureMessages } of assertionResults)
      if (status === 'passed' || status === 'failed')
        outcomes.set(keyOf(file, fullName), { status, messages: failureMessages ?? [] })
  }
  return outcomes
}

const keyOf = (/** @type {string} */ file, /** @type {string} */ test) => `${file} > ${test}`

/** The first line of what went wrong. */
function reasonOf(/** @type {Outcome | undefined} */ outcome) {
  return outcome?.messages[0]?.split('\n')[0]?.slice(0, 100) ?? 'no test of the file is called so'
}

/** What became of a mutant; "killed" only where the named test ran and its own expectation failed. */
function judge(/** @type {Outcome | undefined} */ outcome) {
  if (!outcome) return 'the named test did not run: the mutant does not compile'
  if (outcome.status === 'passed') return 'SURVIVED'
  const first = outcome.messages[0] ?? ''
  if (/^(ReferenceError|SyntaxError|Error: Transform failed)/.test(first))
    return `broken code, not a mutant: ${reasonOf(outcome)}`
  if (/^Error: (Test|Hook) timed out/.test(first)) return 'timed out, which shows nothing'
  return `killed: ${reasonOf(outcome)}`
}

/** Applies a patch to the copy, runs its test, and puts the files back. */
async function tryMutant(/** @type {string} */ copy, /** @type {Mutant} */ mutant) {
  const kept = mutant.touched.map((file) => ({ at: path.join(copy, file), was: path.join(root, file) }))
  const before = kept.map(({ at }) => (fs.existsSync(at) ? fs.readFileSync(at) : null))
  // Below a repository git would take the copy for a part of it and skip the patch in silence.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(copy) }
  const applied = spawnSync('git', ['apply', '--whitespace=nowarn', mutant.patch], { cwd: copy, env, encoding: 'utf8' })
  if (applied.status !== 0) return `does not apply any more: ${applied.stderr.trim().split('\n')[0]}`
  try {
    if (kept.every(({ at }, i) => before[i]?.equals(fs.readFileSync(at)))) return 'the patch changed nothing'
    return judge((await runTests(copy, [mutant])).get(keyOf(mutant.file, mutant.test)))
  } finally {
    kept.forEach(({ at }, i) => {
      const content = before[i]
      if (content) fs.writeFileSync(at, content)
      else fs.rmSync(at, { force: true })
    })
  }
}

async function main() {
  const wanted = process.argv.slice(2)
  const all = readMutants()
  if (wanted.includes('--list')) {
    for (const { name, guarantee, file, test } of all) console.log(`${name}: ${guarantee}\n    ${file}: ${test}`)
    return 0
  }
  const unknown = wanted.filter((name) => !all.some((mutant) => mutant.name === name))
  if (unknown.length > 0) {
    console.error(`There is no test/mutants/${unknown[0]}.patch; --list shows them all.`)
    return 2
  }
  const mutants = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name))

  const copy = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'auren-mutants-'))
  process.once('exit', () => fs.rmSync(copy, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  copyTree(copy)

  console.log(`${mutants.length} mutants; first their tests on the code as it is …`)
  const sound = await runTests(copy, mutants)
  let survivors = 0
  for (const mutant of mutants) {
    const began = Date.now()
    const outcome = sound.get(keyOf(mutant.file, mutant.test))
    const verdict =
      outcome?.status === 'passed'
        ? await tryMutant(copy, mutant)
        : `unmutated, the test ${outcome ? 'fails' : 'does not run'}: ${reasonOf(outcome ?? sound.get(mutant.file))}`
    const killed = verdict.startsWith('killed')
    if (!killed) survivors++
    const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`
    console.log(`${killed ? '✓' : '✗'} ${mutant.name.padEnd(27)} ${seconds.padStart(7)}  ${verdict}`)
  }
  console.log(`${mutants.length - survivors} of ${mutants.length} killed by the test that must.`)
  return survivors === 0 ? 0 : 1
}

process.exitCode = await main()
