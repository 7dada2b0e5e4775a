import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Servers that scripts/services can bring up. */
export type ServiceName = 'postgres' | 'redis' | 'kafka'

const addresses = path.resolve(import.meta.dirname, '../.services/addresses.json')

/**
 * Address of a running server that scripts/services started (kafka: `host:port`, the others: URLs). Null, loudly, where
 * it is not up: skip the test then. With `AUREN_REQUIRE_SERVICES=1` that is an error, so that nothing is skipped in CI.
 */
export function service(name: ServiceName): string | null {
  const address = existsSync(addresses)
    ? (JSON.parse(readFileSync(addresses, 'utf8')) as Partial<Record<ServiceName, string>>)[name]
    : undefined
  if (address !== undefined) return address
  const message = `${name} is not running: start it with 'scripts/services up'`
  if (process.env.AUREN_REQUIRE_SERVICES === '1') throw new Error(message)
  console.warn(`SKIPPED: ${message}`)
  return null
}
