import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Servers that scripts/services can bring up. The numbered ones only when asked for, e.g. `kafka --version 3.9.2`. */
export type ServiceName = 'postgres' | 'redis' | 'kafka' | 'postgres17' | 'postgres18' | 'kafka39'

const addresses = path.resolve(import.meta.dirname, '../.services/addresses.json')

/**
 * Address of a running server (kafka: `host:port`, the others: URLs): what `AUREN_TEST_POSTGRES`, `AUREN_TEST_REDIS` or
 * `AUREN_TEST_KAFKA` names, else what scripts/services started. Null, loudly, where there is none: skip the test then.
 * With `AUREN_REQUIRE_SERVICES=1` that is an error, so that nothing is skipped in CI.
 */
export function service(name: ServiceName): string | null {
  const given = process.env[`AUREN_TEST_${name.toUpperCase()}`]
  if (given !== undefined && given !== '') return given
  const address = existsSync(addresses)
    ? (JSON.parse(readFileSync(addresses, 'utf8')) as Partial<Record<ServiceName, string>>)[name]
    : undefined
  if (address !== undefined) return address
  const [, kind, number] = /^([a-z]+)(\d*)$/.exec(name) ?? []
  const message = `${name} is not running: start it with 'scripts/services ${number ? `${kind} --version …` : 'up'}'`
  if (process.env.AUREN_REQUIRE_SERVICES === '1') throw new Error(message)
  console.warn(`SKIPPED: ${message}`)
  return null
}
