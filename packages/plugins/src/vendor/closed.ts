import { AurenError, type WearablePlugin } from '@auren/core'

/** Vendors whose terms keep what they measured from models of artificial intelligence, by whichever way it comes. */
const closed = /(?<![a-z])strava(?![a-z])/i

/** True where a name, of a provider or of a source, is that of a vendor whose data no model may be told of. */
export function isClosedToModels(name: string): boolean {
  return closed.test(name)
}

/**
 * What an aggregator says of models: closed is what it hands on of vendors whose terms say so, known by the names of
 * their sources, unless the installation has opened it.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where the option is neither
 */
export function modelsOf(plugin: string, models: string = 'closed'): NonNullable<WearablePlugin['models']> {
  if (models !== 'open' && models !== 'closed')
    throw new AurenError('AUREN_CONFIG_INVALID', `${plugin}: models is either open or closed.`, { plugin })
  return models === 'open' ? 'open' : (source) => (isClosedToModels(source) ? 'closed' : 'open')
}
