// How often a search over what was said finds the turns that answer a question: LoCoMo (Maharana et al., ACL 2024), R@10
// over categories 1-4, each conversation a person of their own in a real, sealed, embedded storage.
// npm run eval:locomo -- <file>
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openPglite } from '../../packages/plugins/src/storage/pglite/sql.js'
import { parseMasterKeys } from '../../packages/plugins/src/storage/sql/master-key.js'
import { migrate } from '../../packages/plugins/src/storage/sql/migrate.js'
import { migrations } from '../../packages/plugins/src/storage/sql/migrations/index.js'
import type { Sql } from '../../packages/plugins/src/storage/sql/port.js'
import { createThreads } from '../../packages/plugins/src/storage/sql/threads.js'
import { createVault } from '../../packages/plugins/src/storage/sql/vault.js'
import { quantile } from '../report.js'

/** A conversation of the set, as far as it is read. */
interface Conversation {
  conversation: Record<string, unknown>
  qa?: { question: string; evidence?: unknown; category: number }[] | null
}

/** A turn that only shows a picture has no text, and one without a caption nothing that could be searched. */
interface Said {
  dia_id: string
  speaker?: string | null
  text?: string | null
  blip_caption?: string | null
}

/** What a file of conversations gives. */
export interface LocomoFigures {
  turns: number
  /** Questions of categories 1-4 whose evidence is in the conversation. */
  questions: number
  /** Mean share of a question's turns among the first ten. */
  recallAt10: number
  /** By category, where there are questions of it: 1 multi-hop, 2 temporal, 3 commonsense, 4 single-hop. */
  byCategory: Record<number, number>
  /** Milliseconds of one search. */
  p50: number
  p95: number
}

/** The adversarial questions have no answer in the conversation. */
const ADVERSARIAL = 5
const FIRST = 10

/**
 * @param file in the form of `locomo10.json`: a list of conversations with their questions
 * @param sql an empty, migrated database
 */
export async function measureLocomo(file: string, sql: Sql): Promise<LocomoFigures> {
  const set = await read(file)
  const vault = createVault(sql, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')))
  const threads = createThreads(sql, vault)
  const shares: { category: number; share: number }[] = []
  const took: number[] = []
  let count = 0
  for (const [index, { conversation, qa }] of set.entries()) {
    const user = `person-${index}`
    await sql.transaction((tx) => vault.create(tx, user))
    const known = new Set<string>()
    for (const [thread, said] of sessionsOf(conversation)) {
      await sql.transaction(async (tx) => {
        for (const { dia_id, speaker, text, blip_caption } of said) {
          if (known.has(dia_id)) continue
          known.add(dia_id)
          const shown = blip_caption ? ` [shares ${blip_caption}]` : ''
          const words = `${speaker ?? ''}: ${text ?? ''}${shown}`
          await threads.addTurn(tx, user, { id: dia_id, thread, role: 'person', text: words, facts: [], at: count++ })
        }
      })
    }
    for (const { question, evidence, category } of qa ?? []) {
      if (category === ADVERSARIAL) continue
      // Some ids of the set stand several in one string.
      const gold = [...new Set(idsOf(evidence))].filter((id) => known.has(id))
      if (gold.length === 0) continue
      const from = performance.now()
      const hits = await threads.search({ user, purpose: 'answer' }, { text: question, limit: FIRST })
      took.push(performance.now() - from)
      const found = new Set(hits.map(({ turn }) => turn.id))
      shares.push({ category, share: gold.filter((id) => found.has(id)).length / gold.length })
    }
  }
  if (shares.length === 0)
    throw new Error(
      `${file} has no question of categories 1-4 whose evidence is in its conversation: nothing to measure`,
    )
  const mean = (of: readonly { share: number }[]): number => of.reduce((sum, { share }) => sum + share, 0) / of.length
  return {
    turns: count,
    questions: shares.length,
    recallAt10: mean(shares),
    byCategory: Object.fromEntries(
      [1, 2, 3, 4].flatMap((category) => {
        const of = shares.filter((one) => one.category === category)
        return of.length === 0 ? [] : [[category, mean(of)]]
      }),
    ),
    p50: quantile(took, 0.5),
    p95: quantile(took, 0.95),
  }
}

const isObject = (one: unknown): one is object => typeof one === 'object' && one !== null

/** @throws if the file is no list of conversations in the form of `locomo10.json` */
async function read(file: string): Promise<Conversation[]> {
  const set: unknown = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''))
  const isOne = (one: unknown): one is Conversation =>
    isObject(one) && isObject((one as unknown as Conversation).conversation)
  if (!Array.isArray(set) || !set.every(isOne))
    throw new Error(
      `${file} is no list of conversations, each with \`conversation\` and \`qa\`: name one like locomo10.json`,
    )
  return set
}

/** Evidence may be absent, one string or a list with holes. */
function idsOf(evidence: unknown): string[] {
  return [evidence].flat().flatMap((ids) => (typeof ids === 'string' ? ids.split(/[;,\s]+/) : []))
}

function sessionsOf(conversation: Conversation['conversation']): [string, Said[]][] {
  return Object.entries(conversation)
    .filter((entry): entry is [string, Said[]] => /^session_\d+$/.test(entry[0]) && Array.isArray(entry[1]))
    .sort(([a], [b]) => Number(a.slice(8)) - Number(b.slice(8)))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file] = process.argv.slice(2)
  if (file === undefined) {
    console.error('Name a file of conversations: npm run eval:locomo -- <file>')
    process.exit(1)
  }
  const sql = await openPglite({ dataDir: 'memory://' })
  await migrate(sql, migrations)
  const figures = await measureLocomo(resolve(file), sql)
  await sql.close()
  const { turns, questions, recallAt10, byCategory, p50, p95 } = figures
  console.log(`${turns} turns, ${questions} questions of categories 1-4`)
  console.log(`R@10 ${recallAt10.toFixed(3)}`)
  for (const [name, at] of [
    ['multi-hop', 1],
    ['temporal', 2],
    ['commonsense', 3],
    ['single-hop', 4],
  ] as const)
    console.log(`  ${name.padEnd(12)} ${byCategory[at]?.toFixed(3) ?? '-'}`)
  console.log(`a search takes ${p50.toFixed(1)} ms (p95 ${p95.toFixed(1)} ms)`)
  console.log(JSON.stringify({ eval: 'locomo', ...figures }))
}
