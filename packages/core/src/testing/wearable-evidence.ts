import type { WearablePlugin } from '../plugin/types.js'

/** What a wearable offers, as its object says it. */
export interface WearableCapabilities {
  webhook: boolean
  /** The vendor signs its deliveries, as vectors of them show. */
  signature: boolean
  oauth: boolean
  pull: boolean
  /** The first pull reaches into the past, as one against a server showed. */
  backfill: boolean
  subscription: boolean
  /** The end of a connection goes both ways, or the one that the vendor has. */
  lifecycle: boolean
  archive: boolean
  documents: boolean
}

/** Stories of one record, or of one night, that vendors tell in several deliveries. */
export const storyKinds = ['growing', 'corrected', 'deleted', 'dst', 'late'] as const
export type StoryKind = (typeof storyKinds)[number]

/** What the conformance kit has seen a plugin do. Counts, not claims. */
export interface WearableEvidence {
  capabilities: WearableCapabilities
  /** Payloads with what they must become. */
  golden: number
  /** Payloads that the vendor or others have published and that were read, and those that were refused as none of its data. */
  published: { read: number; refused: number } | null
  /** Payloads damaged in one place. */
  hostile: number
  /** Payloads made from the schema, and from golden ones damaged in several places. */
  properties: number
  signatures: { vectors: number; fromVendor: number; mutations: number }
  /** Requests that an unsigned webhook refused. */
  refused: number
  stories: Partial<Record<StoryKind, number>>
  /** Kinds of stories that the vendor never tells, and why. */
  never: Partial<Record<StoryKind, string>>
  pull: { pages: number; observations: number; backfillDays: number } | null
  archives: { files: number; fromVendor: number; observations: number }
  /** Deliveries that told of the end of a connection. */
  endings: number
  docs: boolean
}

/** How much of a plugin is shown to be right. */
export type WearableQuality = 'bronze' | 'silver' | 'gold'

/** A level, and what is missing for the next. */
export interface Judged {
  /** Null where it is not even bronze. */
  quality: WearableQuality | null
  missing: string[]
}

/**
 * The quality of a plugin, computed from what was seen.
 * - bronze: golden payloads become what they must; hostile ones and ones made from the schema do no harm.
 * - silver: and one door through which data come was opened: a webhook that accepts what is right and refuses all else, a
 *   pull against a server, or an export that was read; and there is a page about it.
 * - gold: and every door that it has was; payloads or signatures of the vendor's own were read; corrections hold, and
 *   (where the vendor tells of them) deletions and the end of a connection.
 */
export function qualityOf(evidence: WearableEvidence): Judged {
  const { capabilities: can, signatures, published, stories, pull, archives } = evidence
  const told = (kind: StoryKind): boolean => (stories[kind] ?? 0) > 0 || evidence.never[kind] !== undefined
  const webhook = signatures.vectors > 0 || evidence.refused > 0
  const open = [
    ...(can.webhook ? [['webhook', webhook] as const] : []),
    ...(can.pull ? [['pull', pull !== null && pull.pages > 0] as const] : []),
    ...(can.archive ? [['archive', archives.files > 0 && archives.observations > 0] as const] : []),
  ]
  // A plugin with no door of its own is one for payloads that an app sends.
  const steps: [WearableQuality, [what: string, shown: boolean][]][] = [
    [
      'bronze',
      [
        ['golden payloads', evidence.golden > 0],
        ['hostile payloads', evidence.hostile > 0],
        ['payloads made from the schema', evidence.properties > 0],
      ],
    ],
    [
      'silver',
      [
        ['a door: webhook, pull or archive', open.length === 0 || open.some(([, shown]) => shown)],
        ['a page', evidence.docs],
      ],
    ],
    [
      'gold',
      [
        ...open.map(([door, shown]): [string, boolean] => [`the ${door}`, shown]),
        [
          'payloads or signatures of the vendor',
          signatures.fromVendor > 0 || (published?.read ?? 0) > 0 || archives.fromVendor > 0,
        ],
        ['a correction', told('corrected') || told('growing')],
        ...(can.webhook || can.pull ? ([['a deletion', told('deleted')]] as [string, boolean][]) : []),
        ...(can.oauth ? ([['the end of a connection', can.lifecycle]] as [string, boolean][]) : []),
      ],
    ],
  ]
  let quality: WearableQuality | null = null
  for (const [level, needs] of steps) {
    const missing = needs.flatMap(([what, shown]) => (shown ? [] : [what]))
    if (missing.length > 0) return { quality, missing }
    quality = level
  }
  return { quality, missing: [] }
}

/** Nothing seen yet. */
export function noEvidence(plugin: WearablePlugin): WearableEvidence {
  return {
    capabilities: {
      webhook: plugin.webhook !== undefined,
      signature: false,
      oauth: plugin.oauth !== undefined,
      pull: plugin.pull !== undefined,
      backfill: false,
      subscription: plugin.subscription !== undefined,
      lifecycle: plugin.oauth?.disconnected !== undefined,
      archive: plugin.file !== undefined,
      documents: plugin.documents !== undefined,
    },
    golden: 0,
    published: null,
    hostile: 0,
    properties: 0,
    signatures: { vectors: 0, fromVendor: 0, mutations: 0 },
    refused: 0,
    stories: {},
    never: {},
    pull: null,
    archives: { files: 0, fromVendor: 0, observations: 0 },
    endings: 0,
    docs: false,
  }
}
