import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AurenError } from '@auren/core'
import { z } from 'zod'
import { type Deployment, deploymentVariables, readDeployment } from './deployment.js'
import { checkOrigins } from './http/cors.js'
import { type IdentityConfig, identityVariables, isListed, readIdentity } from './identity/config.js'
import { type MetricsAccess, observeVariables, readMetricsAccess } from './observe/config.js'
import { readWearables, type WearableOptions, wearableVariables } from './wearables.js'

const port = z.coerce.number().int().min(0).max(65_535)
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** Every variable that the services read. Names as deployed (DESIGN §9). */
const Environment = z.object({
  AUREN_DATA: z.string().min(1).optional(),
  AUREN_MASTER_KEY: z.string().min(1).optional(),
  AUREN_HOST: z.union([z.ipv4(), z.ipv6(), z.literal('localhost')]).default('127.0.0.1'),
  AUREN_NEUROS_PORT: port.default(8000),
  AUREN_BIOMETRIC_PORT: port.default(8888),
  AUREN_PWA_PORT: port.default(5173),
  AUREN_WORKER_PORT: port.default(8890),
  AUREN_CORS_ORIGINS: list.optional(),
  AUREN_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
  AUREN_ZONE: z.string().min(1).optional(),
  AUREN_USER: z.string().min(1).max(128).default('local'),
  AUREN_MODEL: z.string().min(1).optional(),
  AUREN_MODEL_URL: z.url().optional(),
  AUREN_MODEL_KEY: z.string().min(1).optional(),
  ...wearableVariables,
  ...deploymentVariables,
  ...observeVariables,
  ...identityVariables,
})

/** Names of all variables that are read, for the documentation to be held against. */
export const variables: readonly string[] = Object.keys(Environment.shape)

/** Checked configuration of an installation. */
export interface Config extends Deployment {
  dataDir: string
  masterKey: string | undefined
  host: string
  ports: { neuros: number; biometric: number; pwa: number; worker: number }
  corsOrigins: string[] | null
  identity: IdentityConfig
  logLevel: string
  /** IANA zone of the local person until their profile says otherwise. */
  zone: string
  user: string
  /** Who may read the metrics. */
  metrics: MetricsAccess
  model: { model: string; baseURL?: string; apiKey?: string; privateNetwork?: boolean } | null
  wearables: WearableOptions
}

/**
 * Reads the environment. What is set and malformed is an error that names it; an empty variable counts as unset.
 *
 * @throws AurenError AUREN_CONFIG_INVALID
 */
export function readConfig(env: NodeJS.ProcessEnv, flags: { data?: string } = {}): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(set)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    throw invalid(issues.map((issue) => `${issue.path}: ${issue.message}`).join('\n'), issues)
  }
  const e = parsed.data
  const deployment = readDeployment(e)
  checkOrigins(e.AUREN_CORS_ORIGINS ?? [])
  const host = e.AUREN_HOST === 'localhost' ? '127.0.0.1' : e.AUREN_HOST
  if (!deployment.postgres && host !== '127.0.0.1' && host !== '::1')
    throw invalid(
      `AUREN_HOST: ${host} is open to other machines, and an embedded AUREN asks nobody who they are. Set POSTGRES_URL and an identity, or take 127.0.0.1.`,
    )
  if (deployment.postgres && e.AUREN_MASTER_KEY === undefined)
    throw invalid(
      'AUREN_MASTER_KEY is not set: with POSTGRES_URL the key cannot lie in a data folder. Make one with: openssl rand -base64 32',
    )
  return {
    dataDir: dataDir(e.AUREN_DATA, flags.data),
    masterKey: e.AUREN_MASTER_KEY,
    ...deployment,
    metrics: readMetricsAccess(e, deployment),
    host,
    ports: {
      neuros: e.AUREN_NEUROS_PORT,
      biometric: e.AUREN_BIOMETRIC_PORT,
      pwa: e.AUREN_PWA_PORT,
      worker: e.AUREN_WORKER_PORT,
    },
    corsOrigins: e.AUREN_CORS_ORIGINS ?? null,
    identity: readIdentity(e, deployment),
    logLevel: e.AUREN_LOG_LEVEL,
    zone: zone(e.AUREN_ZONE),
    user: e.AUREN_USER,
    model: model(e),
    wearables: readWearables(e),
  }
}

function dataDir(fromEnv: string | undefined, flag: string | undefined): string {
  return resolve(flag ?? fromEnv ?? join(homedir(), '.auren'))
}

function zone(name: string | undefined): string {
  if (name === undefined) return Intl.DateTimeFormat().resolvedOptions().timeZone
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch (cause) {
    throw invalid(`AUREN_ZONE: "${name}" is not an IANA time zone such as Europe/Berlin`, [], cause)
  }
}

function model(e: z.infer<typeof Environment>): Config['model'] {
  if (e.AUREN_MODEL === undefined) {
    if (e.AUREN_MODEL_URL !== undefined)
      throw invalid('AUREN_MODEL_URL is set, but AUREN_MODEL is not: name the model to ask for.')
    return null
  }
  return {
    model: e.AUREN_MODEL,
    ...(e.AUREN_MODEL_URL === undefined
      ? {}
      : { baseURL: e.AUREN_MODEL_URL, privateNetwork: isListed(e.AUREN_PRIVATE_HOSTS, e.AUREN_MODEL_URL) }),
    ...(e.AUREN_MODEL_KEY === undefined ? {} : { apiKey: e.AUREN_MODEL_KEY }),
  }
}

function invalid(message: string, issues: { path: string; message: string }[] = [], cause?: unknown): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', message, { issues, cause })
}
