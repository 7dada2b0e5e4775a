import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measureLocomo } from '../../../bench/eval/locomo.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql } from './sql-fixture.js'

let folder: string
let sql: Sql
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-locomo-'))
  sql = await openTestSql()
})
afterAll(async () => {
  await sql.close()
  await rm(folder, { recursive: true })
})

const measure = async (text: string) => {
  const file = join(folder, 'set of one.json')
  await writeFile(file, text)
  return measureLocomo(file, sql)
}

describe('the evaluation of search', () => {
  it('reads sets with pictures, empty sessions and questions without evidence', async () => {
    const set = [
      {
        conversation: {
          speaker_a: 'Ann',
          session_1_date_time: '1 May',
          session_1: [
            { dia_id: 'D1:1', speaker: 'Ann', blip_caption: 'a photo of a saffron field', img_url: ['x'] },
            { dia_id: 'D1:2', speaker: 'Bob', text: 'The river was high' },
            { dia_id: 'D1:3', speaker: null, text: null },
          ],
          session_2: [],
          session_3: null,
        },
        qa: [
          { question: 'Who saw saffron?', evidence: ['D1:1; D9:9', null], category: 4 },
          { question: 'How was the river?', evidence: 'D1:2', category: 1 },
          { question: 'None?', evidence: null, category: 2 },
          { question: 'Absent?', category: 2 },
          { question: 'Nothing?', evidence: [], category: 3 },
          { question: 'Adversarial?', evidence: ['D1:2'], category: 5 },
        ],
      },
      { conversation: {}, qa: null },
    ]
    const figures = await measure(`\uFEFF${JSON.stringify(set)}`)
    expect(figures).toMatchObject({ turns: 3, questions: 2, recallAt10: 1, byCategory: { 1: 1, 4: 1 } })
    expect(Object.keys(figures.byCategory)).toEqual(['1', '4'])
  })

  it('says that there is nothing to measure instead of a figure', async () => {
    await expect(measure('[]')).rejects.toThrow('nothing to measure')
    await expect(measure('{"conversation":{}}')).rejects.toThrow('no list of conversations')
    await expect(measure('[{"conversation":null}]')).rejects.toThrow('no list of conversations')
  })
})
