import { randomUUID } from 'node:crypto'
import type { Threads, Tx } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sql, SqlTx } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let threads: Threads

beforeAll(async () => {
  sql = await openTestSql()
  threads = createThreads(sql, await openTestVault(sql, 'ann', 'anna'))
})
afterAll(() => sql.close())

const within = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => sql.transaction(fn)
const scope = (user: string) => ({ user, purpose: 'display' }) as const
const bytes = (text: string) => new TextEncoder().encode(text)
const start = (user: string, thread: string, clientId = randomUUID() as string) =>
  within((tx) => threads.startRun(tx, user, { thread, clientId, text: 'how did I sleep?', at: 10, leaseMs: 60_000 }))

describe('turns', () => {
  it('come back in order, the last ones when limited, and only to their person', async () => {
    for (const [i, role] of (['person', 'neuros', 'person'] as const).entries())
      await within((tx) =>
        threads.addTurn(tx, 'ann', {
          id: `t${i}`,
          thread: 'one',
          role,
          text: `text ${i}`,
          facts: [{ id: i }],
          at: 100 + i,
        }),
      )
    await within((tx) =>
      threads.addTurn(tx, 'anna', { id: 't0', thread: 'one', role: 'person', text: 'hers', facts: [], at: 500 }),
    )
    const turns = await threads.turns(scope('ann'), 'one')
    expect(turns.map(({ text }) => text)).toEqual(['text 0', 'text 1', 'text 2'])
    expect(turns[1]).toEqual({ id: 't1', thread: 'one', role: 'neuros', text: 'text 1', facts: [{ id: 1 }], at: 101 })
    expect((await threads.turns(scope('ann'), 'one', 2)).map(({ id }) => id)).toEqual(['t1', 't2'])
    expect(await threads.list(scope('ann'))).toEqual([{ id: 'one', title: 'text 0', updatedAt: 102 }])
    expect(await threads.list(scope('anna'))).toEqual([{ id: 'one', title: 'hers', updatedAt: 500 }])
  })
})

describe('runs', () => {
  it('start once per client id', async () => {
    const first = await start('ann', 'two', 'c1')
    expect(first.created).toBe(true)
    expect(await start('ann', 'two', 'c1')).toEqual({ id: first.id, created: false })
    expect((await start('ann', 'three', 'c1')).created).toBe(true)
    expect((await start('anna', 'two', 'c1')).created).toBe(true)
    expect(await threads.run(scope('ann'), first.id)).toEqual({ id: first.id, thread: 'two', state: 'running' })
    expect(await threads.run(scope('anna'), first.id)).toBeNull()
    expect(await threads.run(scope('ann'), 'no uuid')).toBeNull()
  })

  it('keep consecutive parts, and take none after their end', async () => {
    const { id } = await start('ann', 'two')
    const append = (user: string, ...seqs: number[]) =>
      within((tx) =>
        threads.appendParts(
          tx,
          user,
          id,
          seqs.map((seq) => ({ seq, part: { n: seq } })),
        ),
      )
    await append('ann', 1, 2)
    await expect(append('ann', 2)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await expect(append('ann', 4)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await expect(append('ann', 3, 5)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await expect(append('anna', 3)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await append('ann', 3)
    expect(await threads.parts(scope('ann'), id, 1)).toEqual([2, 3].map((seq) => ({ seq, part: { n: seq } })))
    expect(await threads.parts(scope('anna'), id, 0)).toEqual([])
    await within((tx) => threads.endRun(tx, 'ann', id, 'done'))
    await within((tx) => threads.endRun(tx, 'ann', id, 'failed'))
    expect(await threads.run(scope('ann'), id)).toMatchObject({ state: 'done' })
    await expect(append('ann', 4)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
  })

  it('of a process that died become interrupted when their lease is over, whoever’s they are', async () => {
    const [mine, hers] = [await start('ann', 'four'), await start('anna', 'four')]
    await within((tx) => threads.interruptRuns(tx))
    expect(await threads.run(scope('ann'), mine.id)).toMatchObject({ state: 'running' })
    await within((tx) => threads.renewRuns(tx, [{ user: 'ann', id: mine.id }], -1))
    await within((tx) => threads.interruptRuns(tx))
    expect(await threads.run(scope('ann'), mine.id)).toMatchObject({ state: 'interrupted' })
    expect(await threads.run(scope('anna'), hers.id)).toMatchObject({ state: 'running' })
    // Whoever held it learns of it when they renew; nobody renews another person's.
    const held = [
      { user: 'ann', id: mine.id },
      { user: 'anna', id: hers.id },
      { user: 'ann', id: hers.id },
    ]
    expect(await within((tx) => threads.renewRuns(tx, held, 60_000))).toEqual(new Set([hers.id]))
    await within((tx) => threads.endRun(tx, 'anna', hers.id, 'done'))
  })

  it('of one thread wait for those that began before them', async () => {
    const [first, second, other] = [await start('ann', 'five'), await start('ann', 'five'), await start('anna', 'five')]
    expect(await threads.queued(scope('ann'), first.id)).toBe(false)
    expect(await threads.queued(scope('ann'), second.id)).toBe(true)
    expect(await threads.queued(scope('anna'), other.id)).toBe(false)
    await within((tx) => threads.endRun(tx, 'ann', first.id, 'done'))
    expect(await threads.queued(scope('ann'), second.id)).toBe(false)
  })
})

describe('checkpoints', () => {
  const row = (id: string, thread = 'cp') => ({
    thread,
    ns: '',
    id,
    parent: null,
    checkpoint: bytes(`checkpoint ${id} `.repeat(100)),
    checkpointType: 'json',
    metadata: bytes('{}'),
    metadataType: 'json',
  })
  const key = (id: string) => ({ thread: 'cp', ns: '', id, task: 'task' })
  const write = (index: number, text: string) => ({ index, channel: 'c', type: 'json', value: bytes(text) })

  it('give the newest or the named one with its writes', async () => {
    for (const id of ['1-a', '1-c', '1-B']) await threads.checkpoints.put('ann', row(id))
    await threads.checkpoints.put('ann', { ...row('1-c'), parent: '1-a' })
    await threads.checkpoints.putWrites('ann', key('1-c'), [write(0, 'first'), write(-1, 'error')])
    await threads.checkpoints.putWrites('ann', key('1-c'), [write(0, 'second'), write(-1, 'newer')])
    expect(await threads.checkpoints.get('ann', { thread: 'cp', ns: '' })).toEqual({
      ...row('1-c'),
      parent: '1-a',
      writes: [
        { task: 'task', ...write(-1, 'newer') },
        { task: 'task', ...write(0, 'first') },
      ],
    })
    expect(await threads.checkpoints.get('ann', { thread: 'cp', ns: '', id: '1-B' })).toMatchObject({
      id: '1-B',
      writes: [],
    })
    const ids = async (q: Parameters<Threads['checkpoints']['list']>[1]) =>
      (await threads.checkpoints.list('ann', q)).map(({ id }) => id)
    expect(await ids({ thread: 'cp' })).toEqual(['1-c', '1-a', '1-B'])
    expect(await ids({ thread: 'cp', before: '1-c', limit: 1 })).toEqual(['1-a'])
    expect(await ids({ ns: 'other' })).toEqual([])
  })

  it('are their person’s alone, and go with their thread', async () => {
    expect(await threads.checkpoints.get('anna', { thread: 'cp', ns: '' })).toBeNull()
    expect(await threads.checkpoints.list('anna', {})).toEqual([])
    await threads.checkpoints.put('anna', row('9'))
    await within((tx) =>
      threads.addTurn(tx, 'ann', { id: 'x', thread: 'cp', role: 'person', text: 'x', facts: [], at: 1 }),
    )
    await start('ann', 'cp')
    expect(await within((tx) => threads.remove(tx, 'ann', 'cp'))).toBe(true)
    expect(await within((tx) => threads.remove(tx, 'ann', 'cp'))).toBe(false)
    expect(await threads.checkpoints.list('ann', { thread: 'cp' })).toEqual([])
    expect(await threads.checkpoints.list('anna', {})).toHaveLength(1)
    const left = await sql.as('ann', (tx) =>
      tx.query(`select id from auren.turns where thread = 'cp' union all select thread from auren.checkpoint_writes
                union all select thread from auren.runs where thread = 'cp'`),
    )
    expect(left).toEqual([])
    await threads.checkpoints.removeThread('anna', 'cp')
    expect(await threads.checkpoints.list('anna', {})).toEqual([])
  })
})

it('keeps no text in clear', async () => {
  const canary = 'canary-77ac'
  await within((tx) =>
    threads.addTurn(tx, 'ann', { id: 'c', thread: 'c', role: 'person', text: canary, facts: [canary], at: 1 }),
  )
  const { id } = await within((tx) =>
    threads.startRun(tx, 'ann', { thread: 'c', clientId: 'c', text: canary, at: 1, leaseMs: 60_000 }),
  )
  await within((tx) => threads.appendParts(tx, 'ann', id, [{ seq: 1, part: { canary } }]))
  await threads.checkpoints.put('ann', {
    thread: 'c',
    ns: '',
    id: 'c',
    parent: null,
    checkpoint: bytes(canary),
    checkpointType: 'json',
    metadata: bytes(canary),
    metadataType: 'json',
  })
  await threads.checkpoints.putWrites('ann', { thread: 'c', ns: '', id: 'c', task: 't' }, [
    { index: 0, channel: 'c', type: 'json', value: bytes(canary) },
  ])
  const rows = await sql.transaction(async (tx: SqlTx) => {
    const tables = ['threads', 'turns', 'runs', 'run_parts', 'checkpoints', 'checkpoint_writes']
    return (
      await Promise.all(tables.map((name) => tx.query<{ x: string }>(`select x::text as x from auren.${name} x`)))
    ).flat()
  })
  expect(rows.length).toBeGreaterThan(6)
  const hex = Buffer.from(canary).toString('hex')
  expect(rows.filter(({ x }) => x.includes(canary) || x.includes(hex))).toEqual([])
})
