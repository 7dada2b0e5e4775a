import { AurenError, isAurenError } from '../errors.js'
import type { SiteSpec } from '../plugin/connecting.js'
import type { Fetch } from '../plugin/fetch.js'
import type { WearablePlugin } from '../plugin/types.js'

/**
 * Opens a person's own site with what they gave: it is tried before anything is kept, so that nobody can take a name that
 * they cannot open.
 *
 * @throws AurenError AUREN_INPUT_INVALID where something is missing or has another form, named by its field alone;
 * AUREN_FORBIDDEN where the address leads elsewhere than to the open Internet; what the plugin throws
 */
export async function openSite(
  plugin: WearablePlugin,
  site: SiteSpec,
  given: unknown,
  fetchFor: (plugin: WearablePlugin, account: string) => Fetch,
): Promise<{ account: string; secret: string }> {
  const read = site.given.safeParse(given ?? {})
  if (!read.success)
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      `${plugin.id} is connected by what is missing or has another form here.`,
      {
        plugin: plugin.id,
        issues: read.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message })),
      },
    )
  const account = site.accountOf(read.data)
  try {
    return { account, secret: await site.open(fetchFor(plugin, account), read.data) }
  } catch (error) {
    if (isAurenError(error)) throw error
    throw new AurenError('AUREN_VENDOR_FAILED', `${plugin.id}: the site could not be opened.`, {
      plugin: plugin.id,
      cause: error,
    })
  }
}
