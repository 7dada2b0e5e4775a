// npm run release:prepare: turns the changesets into the next version of all packages and into a section of CHANGELOG.md.
// One changelog for all, since they share one version: changesets itself would write one per package.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const changelog = join(root, 'CHANGELOG.md')
const changeset = join(root, 'node_modules/@changesets/cli/bin.js')

const scratch = mkdtempSync(join(tmpdir(), 'auren-version-'))
const output = join(scratch, 'status.json')
// changesets takes the path as relative to the repository.
execFileSync(process.execPath, [changeset, 'status', '--output', relative(root, output)], { cwd: root })
/** @type {{ changesets: { summary: string }[], releases: { newVersion: string }[] }} */
const { changesets, releases } = JSON.parse(readFileSync(output, 'utf8'))
rmSync(scratch, { recursive: true })

const version = releases[0]?.newVersion
if (version === undefined) {
  console.log('There are no changesets, so there is no new version.')
} else {
  const text = readFileSync(changelog, 'utf8')
  const at = text.indexOf('\n## ')
  const entries = changesets.map(({ summary }) => `- ${summary.trim().replaceAll('\n', '\n  ')}\n`).join('')
  const section = `\n## ${version}, ${new Date().toISOString().slice(0, 10)}\n\n${entries}`
  writeFileSync(changelog, at < 0 ? text + section : text.slice(0, at) + section + text.slice(at))
  execFileSync(process.execPath, [changeset, 'version'], { cwd: root, stdio: 'inherit' })
  execFileSync('npm', ['install', '--package-lock-only'], { cwd: root, stdio: 'inherit' })
  console.log(`CHANGELOG.md and all packages are at ${version}: read the section, then commit.`)
}
