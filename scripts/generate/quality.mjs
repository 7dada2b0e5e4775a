// packages/plugins/conformance.json, which the conformance test of the wearables writes and holds to -> a table.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const source = 'packages/plugins/conformance.json'

/** Capability -> how its column is called. */
const columns = /** @type {const} */ ({
  webhook: 'webhook',
  signature: 'signature',
  oauth: 'OAuth',
  pull: 'pull',
  backfill: 'backfill',
  subscription: 'subscription',
  lifecycle: 'lifecycle',
  archive: 'file archive',
  documents: 'documents',
})

/**
 * @typedef {object} Judged
 * @property {string | null} quality
 * @property {string[]} missing what the next level wants
 * @property {{ capabilities: Record<string, boolean> }} evidence
 */

/**
 * What is known of the wearables, as a part of the index of plugins. Nothing in it is written by hand: what was not seen
 * by the conformance kit is not said.
 * @param {string[]} names of the wearables
 * @param {string} root
 * @returns {string} '' where there is none
 */
export function qualityText(names, root) {
  if (names.length === 0) return ''
  const file = join(root, source)
  /** @type {Record<string, Judged>} */
  const judged = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const rows = names.map((name) => row(name, judged[name]))
  return `
## Wearables

What each can do, and how much of it the [conformance kit](write-one.md#hold-it-to-the-kit) has seen: **bronze** reads its golden
payloads and takes no harm from damaged and invented ones; **silver** has also shown a door (a webhook that refuses every changed
bit, a pull against a server, or an export) and has a page; **gold** has shown every door that it has, payloads or signatures of
the vendor's own, corrections, and, where the vendor tells of them, deletions and the end of a connection. The last column is what
the next level wants.

${[`| name | quality | ${Object.values(columns).join(' | ')} | not shown yet |`, `|${'---|'.repeat(Object.keys(columns).length + 3)}`, ...rows].join('\n')}
`
}

/**
 * @param {string} name
 * @param {Judged | undefined} judged
 */
function row(name, judged) {
  const cells = Object.keys(columns).map((column) => (judged?.evidence.capabilities[column] ? 'yes' : ''))
  const missing = judged ? judged.missing.join(', ') : 'not held to the kit yet'
  return `| [${name}](${name}.md) | ${judged?.quality ?? ''} | ${cells.join(' | ')} | ${missing} |`
}
