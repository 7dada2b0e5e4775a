import { expect, it } from 'vitest'
import { recall } from '../src/neuros/recall/index.js'
import { memory, runAlone, understood } from './neuros/turn.js'

it('recalls by the metrics of the queries', async () => {
  const pinned = [memory('m1', { kind: 'safety', pinned: true })]
  const understanding = understood({
    queries: [{ pattern: 'baseline', metric: 'steps' }],
  })
  const { update } = await runAlone(
    recall(),
    { text: 'steps?', understanding },
    { recalled: { pinned, gaps: ['2 imports'] } },
  )
  expect(update.recalled).toEqual({ pinned, hits: [], gaps: ['2 imports'] })
})

it('fails as a node when memory does, so that it is reported and not taken for "nothing known"', async () => {
  await expect(runAlone(recall(), { text: 'x' }, { fails: ['recall'] })).rejects.toThrow('recall failed')
})
