import type { AnyPlugin, SiteSpec, WearablePlugin } from '@auren/core'
import { z } from 'zod'

/** What a person has to say to connect a site of their own. */
const Field = z.object({
  name: z.string().describe('Key of `given`'),
  title: z.string(),
  hint: z.string().nullable(),
  secret: z.boolean().describe('Opens something: not to be shown while it is typed'),
})

/** A wearable of this installation, and the ways in that it has here. */
export const Vendor = z.object({
  provider: z.string(),
  title: z.string(),
  connect: z
    .enum(['page', 'site', 'address'])
    .nullable()
    .describe(
      'How a person connects: on a page of the vendor’s; by what is said of a site of their own (`fields`); by entering an address in an app; null where they cannot, here',
    ),
  fields: z.array(Field),
  files: z.boolean().describe('Whether its exports can be imported'),
})
export type Vendor = z.infer<typeof Vendor>

/** The wearables among the plugins, by title. */
export function vendorsOf(plugins: readonly AnyPlugin[]): Vendor[] {
  return plugins
    .flatMap((plugin) => (plugin.kind === 'wearable' ? [vendorOf(plugin)] : []))
    .sort((a, b) => a.title.localeCompare(b.title, 'en'))
}

function vendorOf({ id, title, webhook, site, page, oauth, file }: WearablePlugin): Vendor {
  return {
    provider: id,
    title: title ?? id,
    // In the order in which a connection is begun.
    connect: webhook?.keyOf ? 'address' : site ? 'site' : page || oauth ? 'page' : null,
    fields: site ? fieldsOf(site) : [],
    files: file !== undefined,
  }
}

/** The fields of what is given, as the plugin's own schema describes them. */
function fieldsOf({ given }: SiteSpec): Vendor['fields'] {
  const { properties = {} } = z.toJSONSchema(given, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => {
    const { title = name, description, writeOnly = false } = property === true || property === false ? {} : property
    return { name, title, hint: description ?? null, secret: writeOnly }
  })
}
