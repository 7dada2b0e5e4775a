import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWearable } from '../../src/plugin/define.js'
import type { NormalizeContext, RawRequest, WearablePlugin } from '../../src/plugin/types.js'
import { noEvidence, qualityOf, type WearableKit, wearableConformance } from '../../src/testing/index.js'

/** Something, once something else was done. */
const after = <T>(_done: unknown, then: T): T => then

/** Runs the kit in a runner of its own, and says which of its tests failed. */
async function failuresOf(plugin: WearablePlugin<string, never>, kit: Omit<WearableKit, 'runner'>) {
  const tests: [name: string, body: () => Promise<void>][] = []
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => tests.push([name, body]),
  }
  const seen = wearableConformance(plugin, { runs: 30, ...kit, runner })
  const failures: string[] = []
  for (const [name, body] of tests)
    await body().catch((error: Error) => failures.push(`${name}: ${error.message.split('\n')[0]}`))
  return { seen, failures, count: tests.length }
}

const Payload = z.object({ items: z.array(z.unknown()).max(100) })
type Payload = z.infer<typeof Payload>
const Item = z.object({ id: z.string().min(1).max(100), at: z.int().min(0).max(4e12), bpm: z.number().nullish() })
const payload = { items: [{ id: 'a', at: 1_770_000_000_000, bpm: 60 }] }
const good = { name: 'a beat', payload, expect: [{ metric: 'heart_rate', value: 60 }] }

type Normalize = WearablePlugin<string, Payload>['normalize']
type Beat = z.infer<typeof Item>
const beat = ({ id, at, bpm }: Beat) =>
  ({
    shape: 'sample',
    metric: 'heart_rate',
    start: at,
    value: bpm ?? 0,
    unit: '/min',
    source: { name: 'Band', type: 'band' },
    offset: null,
    zoneBasis: 'absent',
    recordId: id,
  }) as const
function itemsOf({ items }: Payload, ctx: NormalizeContext): Beat[] {
  return items.flatMap((item) => {
    const parsed = Item.safeParse(item)
    if (!parsed.success) ctx.reject(item, 'item_unreadable', 'An item has another form.')
    return parsed.success && parsed.data.bpm != null ? [parsed.data] : []
  })
}
const secret = 'secret'
function verify({ headers, body }: RawRequest) {
  const made = createHmac('sha256', secret).update(body).digest('hex')
  return made === headers['x-sign'] ? ({ ok: true } as const) : ({ ok: false, reason: 'no' } as const)
}
const band = (normalize: Normalize, more: object = {}): WearablePlugin<string, never> =>
  ({
    ...defineWearable({ kind: 'wearable', id: 'band', version: '1.0.0', payload: Payload, normalize }),
    ...more,
  }) as unknown as WearablePlugin<string, never>
const right: Normalize = (given, ctx) => itemsOf(given, ctx).map(beat)
const body = '{"items":[]}'
const vector = {
  name: 'a delivery',
  body,
  now: 0,
  headers: { 'X-Sign': createHmac('sha256', secret).update(body).digest('hex') },
  toleranceMs: null,
}

describe('the kit', () => {
  it('has nothing against a plugin that is right', async () => {
    const { failures, seen } = await failuresOf(band(right, { webhook: { verify, plan: () => [] } }), {
      golden: [good],
      signatures: [vector],
      docs: true,
    })
    expect(failures).toEqual([])
    expect(qualityOf(seen)).toMatchObject({ quality: 'silver' })
    // Twelve bytes and 64 digits, bit by bit, and what is missing, empty, longer, shorter.
    expect(seen.signatures.mutations).toBeGreaterThan(8 * (12 + 64))
  })

  it.each<[string, Normalize, RegExp]>([
    ['reads the clock', (given, ctx) => right({ ...given, items: [...given.items, Date.now()] }, ctx), /Date\.now/],
    ['asks what day it is', (given, ctx) => after(new Date(), right(given, ctx)), /new Date\(\)/],
    ['throws dice', (given, ctx) => (Math.random() > 2 ? [] : right(given, ctx)), /Math\.random/],
    ['changes its payload', (given, ctx) => after(given.items.reverse(), right(given, ctx)), /read only|Cannot assign/],
    [
      'reads another value',
      (given, ctx) => itemsOf(given, ctx).map((one) => ({ ...beat(one), value: 61 })),
      /not there/,
    ],
    ['throws on a broken item', (given) => given.items.map((item) => beat(Item.parse(item))), /with /],
    [
      'drops a broken item without a word',
      (given, ctx) => right({ items: given.items.filter((item) => Item.safeParse(item).success) }, ctx),
      /without a word/,
    ],
    [
      'gives a record another name each time it comes',
      (given, ctx) => itemsOf(given, ctx).map((one) => ({ ...beat(one), recordId: `${ctx.receivedAt}` })),
      /deep|equal/i,
    ],
    [
      'remembers what it saw',
      (() => {
        let count = 0
        return (given, ctx) => itemsOf(given, ctx).map((one) => ({ ...beat(one), version: count++ }))
      })(),
      /deep|equal/i,
    ],
    [
      'sets aside without a reason',
      (given, ctx) => right(given, { ...ctx, reject: (item) => ctx.reject(item, 'x', '') }),
      /without saying why/,
    ],
    [
      'looks words up in a plain object',
      (given, ctx) =>
        itemsOf(given, ctx).map((one) => {
          const names: Record<string, string> = { a: 'A' }
          return { ...beat(one), recordId: (names[one.id] ?? one.id).slice(0, 50) }
        }),
      /with (constructor|toString|__proto__)/,
    ],
  ])('notices one that %s', async (_name, normalize, what) => {
    const { failures } = await failuresOf(band(normalize), { golden: [good] })
    expect(failures.join('\n')).toMatch(what)
  })

  it('notices a list that one broken item spoils', async () => {
    const strict = z.object({ items: z.array(Item) })
    const { failures } = await failuresOf(band(right, { payload: strict }), { golden: [good] })
    expect(failures.join('\n')).toMatch(/whole payload refused/)
  })

  it.each<[string, (request: RawRequest) => unknown, RegExp]>([
    ['takes everything', () => ({ ok: true }), /accepted with bit 0 of the body/],
    ['refuses everything', () => ({ ok: false, reason: 'no' }), /refused as it is/],
    [
      'does not look at the end of the body',
      ({ headers, body: sent }) => verify({ headers, body: sent.subarray(0, 12) } as RawRequest),
      /a letter more/,
    ],
    ['takes what is not signed', (request) => (request.headers['x-sign'] ? verify(request) : { ok: true }), /missing/],
    [
      'looks at half of the signature',
      ({ headers, body: sent }) => {
        const made = createHmac('sha256', secret).update(sent).digest('hex')
        return made.slice(0, 32) === headers['x-sign']?.slice(0, 32) ? { ok: true } : { ok: false, reason: 'no' }
      },
      /x-sign/,
    ],
  ])('notices a webhook that %s', async (_name, check, what) => {
    const plugin = band(right, { webhook: { verify: check, plan: () => [] } })
    const { failures } = await failuresOf(plugin, { golden: [good], signatures: [vector] })
    expect(failures.join('\n')).toMatch(what)
  })

  it('notices a signature that is taken for ever', async () => {
    const plugin = band(right, { webhook: { verify, plan: () => [] } })
    const { failures } = await failuresOf(plugin, { golden: [good], signatures: [{ ...vector, toleranceMs: 1000 }] })
    expect(failures.join('\n')).toMatch(/a clock that is/)
  })

  it('notices corrections that do not hold', async () => {
    const fixed: Normalize = (given, ctx) =>
      itemsOf(given, ctx).map((one) => ({ ...beat(one), recordId: `${one.id}/${one.bpm}` }))
    const corrected = { items: [{ ...payload.items[0], bpm: 70 }] }
    const story = { kind: 'corrected' as const, name: 'a beat', steps: [{ payload }, { payload: corrected }] }
    const kit = { golden: [good], stories: [{ ...story, expect: [{ value: 70 }] }] }
    expect((await failuresOf(band(right), kit)).failures).toEqual([])
    expect((await failuresOf(band(fixed), kit)).failures.join('\n')).toMatch(/hold in the end/)
  })
})

describe('quality', () => {
  const seen = noEvidence(band(right, { webhook: { verify, plan: () => [] } }) as unknown as WearablePlugin)
  const bronze = { ...seen, golden: 1, hostile: 1, properties: 1 }
  const silver = { ...bronze, docs: true, signatures: { vectors: 1, fromVendor: 1, mutations: 9 } }

  it('is nothing, bronze, silver, gold, each only with all that the one before wants', () => {
    expect(qualityOf(seen)).toMatchObject({ quality: null })
    expect(qualityOf({ ...silver, hostile: 0 })).toEqual({ quality: null, missing: ['hostile payloads'] })
    expect(qualityOf(bronze)).toEqual({
      quality: 'bronze',
      missing: ['a door: webhook, pull or archive', 'a page'],
    })
    expect(qualityOf(silver)).toEqual({ quality: 'silver', missing: ['a correction', 'a deletion'] })
    expect(qualityOf({ ...silver, stories: { corrected: 1, deleted: 1 } })).toEqual({ quality: 'gold', missing: [] })
    const never = { deleted: 'the vendor never tells of it' }
    expect(qualityOf({ ...silver, stories: { growing: 1 }, never }).quality).toBe('gold')
  })
})
