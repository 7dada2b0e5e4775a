import { type Auren, AurenError } from '@auren/core'
import type { Config } from '../config.js'
import { corsWarning } from '../http/cors.js'
import { createRates, DEPLOYED_LIMITS, EMBEDDED_LIMITS, type RateLimits } from '../http/rate.js'
import type { Guard } from '../http/route.js'
import type { Logger } from '../log.js'
import { createIdentityService, type IdentityService } from './index.js'

/** What both services of a process share: who asks, how often, and what is noted of it. */
export interface Access extends Pick<IdentityService, 'identity' | 'routes'> {
  guard: Guard
  close(): Promise<void>
}

/** Opens identity, limits and the audit log of a process. */
export async function openAccess(auren: Pick<Auren, 'identity'>, config: Config, log: Logger): Promise<Access> {
  if (!auren.identity)
    throw new AurenError('AUREN_CAPABILITY_MISSING', 'No storage plugin keeps accounts and tokens: add one that does.')
  const warning = corsWarning(config.corsOrigins, config.production)
  if (warning) log.warn(warning)
  const rates = await createRates({
    limits: limitsOf(config),
    redisUrl: config.redis?.url ?? null,
    onRedis: (state) =>
      log.warn(
        { state },
        state === 'up' ? 'Limits are shared through Redis' : 'Redis is away: each process limits alone',
      ),
  })
  try {
    const { identity, routes, note } = await createIdentityService({
      config: config.identity,
      store: auren.identity,
      rates,
      local: config.localPerson ? config.user : null,
      localOrigins: [
        `http://localhost:${config.ports.pwa}`,
        `http://127.0.0.1:${config.ports.pwa}`,
        'http://localhost:3000',
      ],
      pinnedOrigins: config.corsOrigins,
    })
    return { identity, routes, guard: { rates, note }, close: () => rates.close() }
  } catch (error) {
    await rates.close()
    throw error
  }
}

function limitsOf({ postgres, identity: { rates } }: Config): RateLimits {
  const limits = postgres ? DEPLOYED_LIMITS : EMBEDDED_LIMITS
  const changed = (name: keyof Config['identity']['rates']): RateLimits['address'] => ({
    ...limits[name],
    points: rates[name] ?? limits[name].points,
  })
  return { ...limits, address: changed('address'), person: changed('person'), webhook: changed('webhook') }
}
