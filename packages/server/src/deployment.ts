import { AurenError } from '@auren/core'
import { z } from 'zod'

/** What a process does: answers questions, takes data in, or works behind (relay, consumer, jobs). */
export const roles = ['neuros', 'biometric', 'worker'] as const
export type Role = (typeof roles)[number]

const brokers = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z
      .array(z.string().regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'must be host:port, or several with commas'))
      .min(1),
  )

/** Variables that say where the servers of a deployment are. Names as deployed (DESIGN §9). */
export const deploymentVariables = {
  NODE_ENV: z.string().optional(),
  AUREN_ROLES: z.string().optional(),
  AUREN_PUBLIC_BIOMETRIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUREN_DRAIN_SECONDS: z.coerce.number().min(0).max(300).optional(),
  AUREN_LOCAL_PERSON: z.enum(['true', 'false']).optional(),
  POSTGRES_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host:port/database' })
    .optional(),
  AUREN_ERASURES: z.string().min(1).optional(),
  AUREN_POSTGRES_POOL: z.coerce.number().int().min(2).max(500).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be redis://… or rediss://…' }).optional(),
  KAFKA_BOOTSTRAP_SERVERS: brokers.optional(),
  AUREN_KAFKA_TOPIC: z
    .string()
    .regex(/^[\w.-]{1,200}$/)
    .default('biometric-events'),
  AUREN_KAFKA_TLS: z.enum(['true', 'false']).default('false'),
  AUREN_KAFKA_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512'),
  AUREN_KAFKA_USERNAME: z.string().min(1).optional(),
  AUREN_KAFKA_PASSWORD: z.string().min(1).optional(),
}

/** Where the data stands, and what this process does of the work. */
export interface Deployment {
  /** Fails closed: what protects data must be set. */
  production: boolean
  roles: ReadonlySet<Role>
  /** Null: embedded, in the data folder. */
  postgres: { url: string; pool?: number; erasures?: string } | null
  /** Null: the hot tier is in this process. */
  redis: { url: string } | null
  /** Null: the outbox table is the log. */
  kafka: {
    brokers: string[]
    topic: string
    ssl: boolean
    sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
  } | null
  /** Where vendors and browsers reach Biometric from outside; null: where it listens. */
  publicBiometricUrl: string | null
  /** How long readiness says 503 before a stopping service takes no more connections, in s: for load balancers to look. */
  drainSeconds: number
  /** Whether requests from this machine without a token are the local person's. */
  localPerson: boolean
}

/**
 * Reads where a deployment's servers are, and what this process does of its work.
 *
 * @throws AurenError AUREN_CONFIG_INVALID, naming the variable
 */
export function readDeployment(e: z.infer<z.ZodObject<typeof deploymentVariables>>): Deployment {
  const production = e.NODE_ENV === 'production'
  const chosen = rolesOf(e.AUREN_ROLES)
  if (e.POSTGRES_URL === undefined) {
    // The data folder belongs to one process: what another accepted would never be seen.
    for (const [name, set] of [
      ['KAFKA_BOOTSTRAP_SERVERS', e.KAFKA_BOOTSTRAP_SERVERS !== undefined],
      ['REDIS_URL', e.REDIS_URL !== undefined],
      ['AUREN_ROLES', chosen.size < roles.length],
    ] as const)
      if (set)
        throw invalid(
          `${name} is set, but POSTGRES_URL is not: several processes need a database that they share. Set POSTGRES_URL, or unset ${name} to run embedded.`,
        )
  }
  const localPerson =
    e.AUREN_LOCAL_PERSON === undefined ? e.POSTGRES_URL === undefined : e.AUREN_LOCAL_PERSON === 'true'
  if (production && e.AUREN_LOCAL_PERSON === 'true')
    throw invalid(
      'AUREN_LOCAL_PERSON is true in production: behind a proxy every request comes from this machine, and would be let in without a token. Unset it.',
    )
  if (production && e.AUREN_PUBLIC_BIOMETRIC_URL?.startsWith('http:'))
    throw invalid('AUREN_PUBLIC_BIOMETRIC_URL must be an https:// address: vendors send persons and codes there.')
  if ((e.AUREN_KAFKA_USERNAME === undefined) !== (e.AUREN_KAFKA_PASSWORD === undefined))
    throw invalid('AUREN_KAFKA_USERNAME and AUREN_KAFKA_PASSWORD belong together: set both, or neither.')
  return {
    production,
    roles: chosen,
    postgres: e.POSTGRES_URL
      ? {
          url: e.POSTGRES_URL,
          ...(e.AUREN_POSTGRES_POOL === undefined ? {} : { pool: e.AUREN_POSTGRES_POOL }),
          ...(e.AUREN_ERASURES === undefined ? {} : { erasures: e.AUREN_ERASURES }),
        }
      : null,
    redis: e.REDIS_URL ? { url: e.REDIS_URL } : null,
    kafka: e.KAFKA_BOOTSTRAP_SERVERS
      ? {
          brokers: e.KAFKA_BOOTSTRAP_SERVERS,
          topic: e.AUREN_KAFKA_TOPIC,
          ssl: e.AUREN_KAFKA_TLS === 'true',
          ...(e.AUREN_KAFKA_USERNAME !== undefined && e.AUREN_KAFKA_PASSWORD !== undefined
            ? {
                sasl: {
                  mechanism: e.AUREN_KAFKA_MECHANISM,
                  username: e.AUREN_KAFKA_USERNAME,
                  password: e.AUREN_KAFKA_PASSWORD,
                },
              }
            : {}),
        }
      : null,
    publicBiometricUrl: e.AUREN_PUBLIC_BIOMETRIC_URL?.replace(/\/+$/, '') ?? null,
    drainSeconds: e.AUREN_DRAIN_SECONDS ?? (production && e.POSTGRES_URL !== undefined ? 5 : 0),
    localPerson: localPerson && !production,
  }
}

function rolesOf(text: string | undefined): ReadonlySet<Role> {
  if (text === undefined) return new Set(roles)
  const given = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const unknown = given.filter((part) => !(roles as readonly string[]).includes(part))
  if (unknown.length > 0 || given.length === 0)
    throw invalid(`AUREN_ROLES: "${text}" must be one or several of ${roles.join(', ')}, with commas`)
  return new Set(given as Role[])
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', message)
}
