import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { qualityOf, wearableConformance } from '@auren/core/testing'
import * as vitest from 'vitest'
import { lumenRing } from '../src/index.js'

const secret = 'right'
const now = Date.parse('2026-03-29T09:00:00Z')
const timestamp = String(now / 1000)
const night = {
  id: 'n1',
  wearer: 'w1',
  from: '2026-03-28T23:30:00+01:00',
  to: '2026-03-29T07:00:00+02:00',
  hypnogram: 'WLLDDR',
  pulse: [61, null, 58],
  glow: 80,
}
const body = JSON.stringify(night)
const slept = (seconds: number) => ({ shape: 'session', measures: { sleep_duration: seconds } })

const seen = wearableConformance(lumenRing({ secret }), {
  runner: vitest,
  docs: true,
  golden: [
    {
      name: 'the night of the clock change',
      payload: night,
      expect: [
        {
          shape: 'session',
          kind: 'sleep',
          start: Date.UTC(2026, 2, 28, 22, 30),
          end: Date.UTC(2026, 2, 29, 5),
          offset: 120,
          // Five letters that are not W.
          measures: { sleep_duration: 1500 },
        },
        { metric: 'heart_rate', start: Date.UTC(2026, 2, 28, 22, 30), value: 61 },
        { metric: 'heart_rate', start: Date.UTC(2026, 2, 28, 22, 40), value: 58 },
        { metric: 'lumen-ring.glow', value: 80 },
      ],
      exact: true,
      aside: [],
    },
    {
      name: 'a letter that is not known',
      payload: { ...night, hypnogram: 'LX', pulse: [], glow: null },
      expect: [slept(300)],
      aside: ['unknown_stage'],
    },
  ],
  signatures: [
    {
      name: 'a signed night',
      body,
      now,
      headers: {
        'x-lumen-timestamp': timestamp,
        'x-lumen-signature': createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex'),
      },
    },
  ],
  stories: [
    {
      kind: 'growing',
      name: 'a night that is posted before it ends',
      steps: [
        { payload: { ...night, to: '2026-03-29T01:00:00+01:00', hypnogram: 'WL', pulse: [61] } },
        { payload: { ...night, revision: 1 } },
      ],
      expect: [slept(1500), { value: 61 }, { value: 58 }, { value: 80 }],
    },
    {
      kind: 'deleted',
      name: 'a night that is taken back',
      steps: [{ payload: night }, { payload: { ...night, deleted: true, revision: 2 } }],
      expect: [],
    },
  ],
})

vitest.it('is silver: for gold, Lumen would have to be a vendor', () => {
  vitest.expect(qualityOf(seen)).toEqual({ quality: 'silver', missing: ['payloads or signatures of the vendor'] })
})

// The tutorial shows this folder: what it says must be what is here.
vitest.it('is what docs/plugins/write-one.md says', () => {
  const root = join(import.meta.dirname, '../../..')
  const page = readFileSync(join(root, 'docs/plugins/write-one.md'), 'utf8')
  const shown = [...page.matchAll(/```ts\n\/\/ (examples\/\S+)\n([\s\S]*?)```/g)]
  vitest.expect(shown.length).toBeGreaterThan(4)
  for (const [, file = '', excerpt = ''] of shown) {
    const held = readFileSync(join(root, file), 'utf8')
    for (const part of excerpt.split('// …\n')) vitest.expect(held).toContain(part.trimEnd())
  }
})
