import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { qualityOf, type WearableEvidence, wearableConformance } from '@auren/core/testing'
import * as vitest from 'vitest'
import type { Row } from './conformance/row.js'

const { describe, expect, it } = vitest
const root = path.resolve(import.meta.dirname, '../../..')
const file = path.join(root, 'packages/plugins/conformance.json')
/** `AUREN_WRITE=1` writes down what was seen; without it, it must be what was written. */
const writes = process.env.AUREN_WRITE === '1'

const names = readdirSync(path.join(import.meta.dirname, 'conformance'))
  .filter((name) => name.endsWith('.ts') && name !== 'row.ts')
  .map((name) => name.slice(0, -3))
  .sort()
const seen = new Map<string, WearableEvidence>()
for (const id of names) {
  const { row } = (await import(`./conformance/${id}.ts`)) as { row: Row }
  const docs = existsSync(path.join(root, 'docs/plugins', `${id}.md`))
  seen.set(id, wearableConformance(row.plugin, { ...row.kit, runner: vitest, docs }))
  it(`${id} is the plugin of that name`, () => expect(row.plugin.id).toBe(id))
}

type Written = Record<string, { quality: string | null; missing: string[]; evidence: WearableEvidence }>

describe('what is written of the plugins', () => {
  const written = (): Written => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Written) : {})
  const judged = (evidence: WearableEvidence): Written[string] => ({ ...qualityOf(evidence), evidence })

  it('is what was seen', () => {
    const found: Written = {}
    for (const [id, evidence] of seen) {
      const before = written()[id]?.evidence
      // Without the vendors' published payloads, what they showed cannot be seen again.
      const known = {
        ...evidence,
        published: evidence.published ?? before?.published ?? null,
        archives: evidence.archives.fromVendor > 0 ? evidence.archives : (before?.archives ?? evidence.archives),
        signatures:
          evidence.signatures.fromVendor > 0 ? evidence.signatures : (before?.signatures ?? evidence.signatures),
      }
      found[id] = judged(known)
    }
    if (writes) writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`)
    expect(found, 'run this test with AUREN_WRITE=1, then npm run generate').toEqual(written())
  })

  it('is bronze at least', () => {
    for (const [id, evidence] of seen) expect(qualityOf(evidence).quality, `${id} is not even bronze`).not.toBeNull()
  })

  it('names no plugin that is gone', () => {
    const folders = readdirSync(path.join(root, 'packages/plugins/src/wearables'))
    for (const id of names) expect(folders).toContain(id)
  })
})
