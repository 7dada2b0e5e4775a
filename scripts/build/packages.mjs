import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { entriesOf } from './entries.mjs'
import { fingerprint, isFresh, markBuilt } from './stamp.mjs'

const root = resolve(import.meta.dirname, '../..')

/** The published packages; each is compiled against the built types of those before it. */
export const packages = /** @type {const} */ (['core', 'plugins', 'server'])

/**
 * Builds one package with tsup, whose working directory must be the package.
 * @param {(typeof packages)[number]} name
 * @param {{ types: boolean, force?: boolean }} what without `force` a fresh build is left alone
 * @returns {Promise<boolean>} false when nothing was built: it is fresh, or there is nothing yet
 * @throws {Error} when the build fails (tsup has printed why)
 */
export async function buildPackage(name, what) {
  const folder = join(root, 'packages', name)
  const { entry, missing } = entriesOf(folder)
  if (missing.length > 0) console.log(`note: packages/${name} has no ${missing.join(', ')} yet`)
  if (Object.keys(entry).length === 0) return false
  if (!what.force && isFresh(root, `packages/${name}`, `dist/${Object.keys(entry)[0]}.js`)) return false
  await run(`packages/${name}`, 'tsup/dist/cli-default.js', [], what.types ? {} : { AUREN_BUILD: 'js' })
  return true
}

/**
 * Builds the PWA with vite.
 * @param {{ force?: boolean }} what without `force` a fresh build is left alone
 * @returns {Promise<boolean>} false when nothing was built: it is fresh, or there is none yet
 * @throws {Error} when the build fails (vite has printed why)
 */
export async function buildPwa(what) {
  if (!existsSync(join(root, 'packages/pwa/index.html'))) {
    console.log('note: packages/pwa has no index.html yet: nothing to build')
    return false
  }
  if (!what.force && isFresh(root, 'packages/pwa', 'dist/index.html')) return false
  await run('packages/pwa', 'vite/bin/vite.js', ['build', '--logLevel', 'warn'], {})
  return true
}

/**
 * @param {string} folder
 * @param {string} tool its file under node_modules
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<void>}
 */
function run(folder, tool, args, env) {
  const started = Date.now()
  const sources = fingerprint(root, folder)
  const child = spawn(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: join(root, folder),
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  // A build must not outlive whoever asked for it.
  const stop = () => child.kill()
  process.once('exit', stop)
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('exit', (code) => {
      process.off('exit', stop)
      if (code !== 0) return fail(new Error(`building ${folder} failed`))
      markBuilt(root, folder, sources)
      console.log(`built ${folder} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
      done()
    })
  })
}
