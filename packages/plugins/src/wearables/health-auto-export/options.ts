import { AurenError } from '@auren/core'

/** What an installation receives the app's deliveries with. */
export interface HealthAutoExportOptions {
  /**
   * A secret of your own, 16 letters or more, from which each person's key is made: the app signs nothing. Without one
   * there is no webhook; files and what persons post with their own token are read all the same.
   */
  secret?: string
}

/** Shorter secrets can be guessed. */
const LEAST_SECRET = 16

/** @throws AurenError AUREN_CONFIG_INVALID where the secret is empty or short */
export function checkOptions({ secret }: HealthAutoExportOptions): void {
  if (secret !== undefined && secret.length < LEAST_SECRET)
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      `health-auto-export: secret must have ${LEAST_SECRET} letters or more. Choose a long random one: the keys of all persons are made from it.`,
      { plugin: 'health-auto-export' },
    )
}
