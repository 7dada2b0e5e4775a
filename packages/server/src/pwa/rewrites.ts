import { readFile } from 'node:fs/promises'
import { AurenError } from '@auren/core'
import { z } from 'zod'

/** Where a request path is sent on this machine. */
export interface Rewrite {
  /** `/api/neuros/` */
  prefix: string
  /** Port on loopback. */
  port: number
}

const Vercel = z.object({ rewrites: z.array(z.object({ source: z.string(), destination: z.string() })) })

/**
 * Reads the rewrites of `vercel.json`, and takes ONLY the source pattern and the port from them: whatever host they
 * name, requests go to this machine.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a rewrite is not of the form `/prefix/:path*` → `http(s)://host:port/:path*`
 */
export async function readRewrites(file: string): Promise<Rewrite[]> {
  const parsed = Vercel.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw new AurenError('AUREN_CONFIG_INVALID', `${file} has no list of rewrites`)
  return parsed.data.rewrites
    .filter(({ destination }) => /^https?:/.test(destination))
    .map(({ source, destination }) => {
      const prefix = /^(\/[\w/-]+\/):path\*$/.exec(source)?.[1]
      const port = /^https?:\/\/[^/]+:(\d+)\/:path\*$/.exec(destination)?.[1]
      if (!prefix || !port)
        throw new AurenError('AUREN_CONFIG_INVALID', `${file}: cannot read the rewrite ${source} → ${destination}`)
      return { prefix, port: Number(port) }
    })
}
