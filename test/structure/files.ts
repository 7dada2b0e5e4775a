import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const binary = /\.(png|jpe?g|gif|ico|webp|avif|woff2?|zip|gz|fit|pdf|wasm|bin)$/

/**
 * Text files of the project (paths from the root): what git would commit, or, outside a repository, all there are.
 * Files of more than a megabyte are data and are left out.
 */
export function textFiles(root: string): string[] {
  const files = existsSync(join(root, '.git')) ? inGit(root) : walk(root, '')
  return files.filter(
    (file) => !binary.test(file) && existsSync(join(root, file)) && statSync(join(root, file)).size < 2 ** 20,
  )
}

function inGit(root: string): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\0')
    .filter(Boolean)
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(root, path) : [path]
  })
}
