import * as vitest from 'vitest'
import { describe, expect, it } from 'vitest'
import { createCheckpointer } from '../../core/src/reasoning/checkpointer.js'
import { checkpointRows } from '../../core/test/reasoning/ports.js'

// LangGraph's suite takes vitest's functions from the global scope.
Object.assign(globalThis, vitest)
const { deltaChannelHistoryTests, specTest } = await import('@langchain/langgraph-checkpoint-validation')

const initializer = {
  checkpointerName: '@auren/core over rows in memory',
  createCheckpointer: () => createCheckpointer(checkpointRows(), 'ann'),
}
specTest(initializer)
deltaChannelHistoryTests(initializer)

describe('whose checkpoints', () => {
  const config = { configurable: { thread_id: 't', checkpoint_ns: '' } }
  const of = (user: string) => ({ configurable: { ...config.configurable, user } })
  const metadata = { source: 'input' as const, step: -1, parents: {} }

  it('knows the person from the configuration alone, and keeps threads of one name apart', async () => {
    const { emptyCheckpoint } = await import('@langchain/langgraph')
    const saver = await createCheckpointer(checkpointRows())
    await saver.put(of('ann'), emptyCheckpoint(), metadata, {})
    expect(await saver.getTuple(of('ann'))).toBeDefined()
    for (const other of ['an', 'anna', 'bob']) expect(await saver.getTuple(of(other))).toBeUndefined()
    const listed = []
    for await (const tuple of saver.list({ configurable: { user: 'anna' } })) listed.push(tuple)
    expect(listed).toEqual([])
  })

  it('refuses to work for nobody, and a bound one for anybody else', async () => {
    const { emptyCheckpoint } = await import('@langchain/langgraph')
    const free = await createCheckpointer(checkpointRows())
    await expect(free.put(config, emptyCheckpoint(), metadata, {})).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
    })
    await expect(free.deleteThread('t')).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
    const bound = await createCheckpointer(checkpointRows(), 'ann')
    await expect(bound.getTuple(of('bob'))).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })
})
