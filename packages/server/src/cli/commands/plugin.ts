import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AurenError } from '@auren/core'
import { VERSION } from '../../services.js'
import { readers } from '../../wearables.js'
import type { Output } from '../output.js'
import { wearableFiles } from '../scaffold/wearable.js'

/** What a new plugin is, and where it goes. */
export interface NewPluginOptions {
  kind: string
  /** The folder that its folder is made in. */
  into: string
}

const MOST_LETTERS = 60
/** Words that no function of a module can be called by. */
const reserved = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** Makes the folder of a new plugin, with a test that passes. What is there already is left alone. */
export async function newPlugin(output: Output, name: string, { kind, into }: NewPluginOptions): Promise<number> {
  if (kind !== 'wearable')
    throw new AurenError('AUREN_INPUT_INVALID', `There is a scaffold for wearables only, and none for "${kind}".`)
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > MOST_LETTERS || reserved.has(name))
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      'A plugin is named with lower-case letters, digits and single dashes, such as my-ring, and not with a word of the language.',
    )
  if (readers().some(({ id }) => id === name))
    throw new AurenError('AUREN_CONFLICT', `There is a plugin "${name}" already: names are unique. Choose another.`)
  const folder = resolve(into, name)
  const held = await readdir(folder).catch(() => [])
  if (held.length > 0)
    throw new AurenError('AUREN_CONFLICT', `${folder} is not empty. Choose another name, or another place with --into.`)
  const factory = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const files = wearableFiles({ id: name, factory, version: VERSION })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { flag: 'wx' })
  }
  if (output.json) output.data({ folder, files: Object.keys(files) })
  else {
    output.print(`Made ${folder}:`)
    for (const path of Object.keys(files)) output.print(`  ${path}`)
    output.print('Then: npm install && npm test. docs/plugins/write-one.md goes on from there.')
  }
  return 0
}
