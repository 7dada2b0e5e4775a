import { backup } from '@auren/plugins/pglite'
import { z } from 'zod'
import { type Route, route } from '../http/route.js'

/** Upkeep of an embedded installation. Only its local person comes here: the services listen on loopback. */
export function upkeepRoutes(dataDir: string): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/backups',
      tag: 'upkeep',
      summary: 'Write a backup into the data folder’s backups (without the key)',
      status: 201,
      response: z.object({ file: z.string(), bytes: z.int() }),
      handle: () => backup({ dataDir }),
    }),
  ]
}
