import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { textFiles } from './files.js'

// Put together here, so that this file does not hold what it looks for.
const folders = ['work', 'root', 'farm', 'tmp', String.raw`home/(?!node\b)\w+`, String.raw`Users/\w+`].join('|')
const machinePath = new RegExp(String.raw`(?:^|[^\w./~*-])/(?:${folders})/[\w.@-]`)
const registryHost = /\bregistry\.(?:[\w-]+\.)+(?:org|com|net|io|dev|cn|local|internal)\b/

/** Places that name a path of somebody's machine, or the host that packages were downloaded from. */
export function localWords(root: string): string[] {
  return textFiles(root).flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const found = machinePath.exec(line) ?? registryHost.exec(line)
        return found ? [`${file}:${at + 1}: ${found[0].trim()}`] : []
      }),
  )
}
