import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pluginFolders } from '../../scripts/generate/plugins.mjs'
import { textFiles } from './files.js'

/** Rooms that a plugin lacks: a test, a page, and (for wearables) fixtures, all found by its name. */
export function missingRooms(root: string): string[] {
  return pluginFolders(root).flatMap(({ name, kind, folder }) => {
    const rooms = [`packages/plugins/test/${name}.test.ts`, `docs/plugins/${name}.md`]
    if (kind === 'wearable') rooms.push(`packages/plugins/fixtures/${name}`)
    return rooms.filter((room) => !existsSync(join(root, room))).map((room) => `${folder} has no ${room}`)
  })
}

/** Source files over the ceiling of 500 lines; generated ones and fixtures are not written by hand. */
export function longFiles(root: string, ceiling = 500): string[] {
  return textFiles(root)
    .filter((file) => /\.(ts|tsx|mts|mjs|js|css|sql)$/.test(file) && !/\.generated\.|(^|\/)fixtures\//.test(file))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length
      return lines > ceiling ? [`${file} has ${lines} lines`] : []
    })
}
