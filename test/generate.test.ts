import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { catalogueText } from '../scripts/generate/catalogue.mjs'
import { readCsv } from '../scripts/generate/csv.mjs'
import { exportsMap, pluginFolders } from '../scripts/generate/plugins.mjs'
import { literal } from '../scripts/generate/typescript.mjs'
import { drift, generate } from '../scripts/generate.mjs'
import { fabricate } from './structure/trees.js'

const removals: (() => void)[] = []
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

function tree(files: Record<string, string>): string {
  const { root, remove } = fabricate({ 'packages/plugins/package.json': '{"exports":{}}', ...files })
  removals.push(remove)
  return root
}

const src = 'packages/plugins/src'

describe('CSV', () => {
  it('reads quotes, commas and line breaks within fields, and empty last fields', () => {
    const text = 'id,notes,more\r\na,"one, ""two""\nthree",x\nb,,\n'
    expect(readCsv(text)).toEqual([
      { id: 'a', notes: 'one, "two"\nthree', more: 'x' },
      { id: 'b', notes: '', more: '' },
    ])
  })

  it('refuses a row of another length and a quote that stays open', () => {
    expect(() => readCsv('a,b\n1,2,3')).toThrow(/3 fields/)
    expect(() => readCsv('a,b\n"1,2')).toThrow(/malformed/)
  })
})

describe('the catalogue', () => {
  const header =
    'id,shape,kind,unit_ucum,agg_day,min_plausible,max_plausible,hard_min,hard_max,loinc,loinc_confidence,healthkit,health_connect,open_mhealth,notes'
  const text = (row: string) => catalogueText([...readCsv(`${header}\n${row}`), ...sparseRows()])

  // The list of sparse metrics is checked against the catalogue, so it has to be there.
  function sparseRows() {
    return readCsv(readFileSync('packages/core/catalogue/metrics.csv', 'utf8')).filter(({ id }) => id !== 'steps')
  }

  it('takes a row apart', () => {
    const row =
      'steps,interval,cumulative,{steps},sum(dedup)|max,0,40000,,,1-8,"sure (a, b)",HKQuantityTypeIdentifierA|B,,,"it\'s ""x"""'
    expect(text(row)).toContain(
      `steps: { id: 'steps', shape: 'interval', kind: 'cumulative', unit: '{steps}', aggregates: ['sum', 'max'], dedup: true, plausible: [0, 40000], hard: null, loinc: '1-8', loincSure: true, healthkit: ['HKQuantityTypeIdentifierA', 'HKQuantityTypeIdentifierB'], healthConnect: null, openMHealth: null, sparse: false, template: false, notes: 'it\\'s "x"' },`,
    )
  })

  it('refuses half a range, a range upside down, a metric twice and a malformed id', () => {
    expect(() => text('steps,s,k,u,sum,1,,,,,,,,,')).toThrow(/range/)
    expect(() => text('steps,s,k,u,sum,2,1,,,,,,,,')).toThrow(/range/)
    expect(() => text('weight,s,k,u,sum,,,,,,,,,,')).toThrow(/twice/)
    expect(() => text('Step Count,s,k,u,sum,,,,,,,,,,')).toThrow(/no metric id/)
  })

  it('refuses a sparse metric that does not exist', () => {
    expect(() => catalogueText([])).toThrow(/sparse\.mjs names metrics/)
  })
})

describe('plugins', () => {
  const files = {
    [`${src}/wearables/ring/index.ts`]: '',
    [`${src}/storage/sql/table.ts`]: '',
    [`${src}/storage/pglite/index.ts`]: '',
    [`${src}/storage/pglite/worker.js`]: '',
    [`${src}/neuros/index.ts`]: '',
    'docs/plugins/ring.md': '',
  }

  it('are the folders with a door, and their exports follow', () => {
    const root = tree(files)
    expect(pluginFolders(root).map(({ name, kind }) => [name, kind])).toEqual([
      ['ring', 'wearable'],
      ['pglite', 'storage'],
    ])
    const map = exportsMap(pluginFolders(root), ['neuros'])
    expect(Object.keys(map)).toEqual(['.', './neuros', './ring', './pglite', './pglite/worker', './package.json'])
    expect(map['./pglite/worker']).toBe('./src/storage/pglite/worker.js')
    expect(Object.entries(map['./ring'] ?? {})).toEqual([
      ['auren-source', './src/wearables/ring/index.ts'],
      ['types', './dist/ring.d.ts'],
      ['default', './dist/ring.js'],
    ])
  })

  it('must have unique names over all kinds, and plain ones', () => {
    expect(() => pluginFolders(tree({ ...files, [`${src}/models/ring/index.ts`]: '' }))).toThrow(/ring is used twice/)
    expect(() => pluginFolders(tree({ ...files, [`${src}/models/neuros/index.ts`]: '' }))).toThrow(
      /neuros is used twice/,
    )
    expect(() => pluginFolders(tree({ [`${src}/models/My_Model/index.ts`]: '' }))).toThrow(/a plugin's name/)
  })

  it('show the quality that was seen, and none that was not', () => {
    const evidence = { capabilities: { webhook: true, oauth: false } }
    const seen = JSON.stringify({ ring: { quality: 'silver', missing: ['a deletion'], evidence } })
    const index = (more: Record<string, string>) =>
      generate(tree({ ...files, ...more })).files.find(({ path }) => path === 'docs/plugins/README.md')?.text
    expect(index({ 'packages/plugins/conformance.json': seen })).toContain(
      '| [ring](ring.md) | silver | yes |  |  |  |  |  |  |  |  | a deletion |',
    )
    expect(index({})).toContain('| [ring](ring.md) |  |  |  |  |  |  |  |  |  |  | not held to the kit yet |')
  })

  it('make the check fail when a folder appears or a page is edited', () => {
    const root = tree(files)
    expect(drift(root, generate(root).files).map(({ path }) => path)).toEqual([
      'packages/plugins/package.json',
      `${src}/plugins.generated.ts`,
      'docs/plugins/README.md',
    ])
    const written = tree({
      ...files,
      ...Object.fromEntries(generate(root).files.map(({ path, text }) => [path, text])),
    })
    expect(drift(written, generate(written).files)).toEqual([])
  })
})

it('literals survive what JSON and quotes do to text', () => {
  for (const value of ["it's", '"', '\\', '\n\u2028', '`'])
    expect(new Function(`return ${literal(value)}`)()).toBe(value)
  expect(literal({ a: [1, null], 'b-c': true })).toBe("{ a: [1, null], 'b-c': true }")
})
