import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope, envelopeJsonSchema } from '../../src/events/codec.js'
import { ENVELOPE_MAX_BYTES, ENVELOPE_VERSION, type Envelope } from '../../src/events/envelope.js'
import { pack } from '../../src/ingest/pack.js'
import type { Observation } from '../../src/observation/schema.js'
import { pulse, start } from '../ingest/toy.js'

const ctx = { user: 'ada', account: 'a', provider: 'toy', receivedAt: start, rawRef: 'raw' }
const envelope = (v = ENVELOPE_VERSION): Envelope => ({
  ...ctx,
  v,
  id: 'x',
  observations: [pulse(start, 60) as Observation],
})
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

describe('envelopes', () => {
  it('come out as they went in', () => {
    expect(decodeEnvelope(encodeEnvelope(envelope()))).toEqual(envelope())
  })

  it('of this version and the one before are read, others are not', () => {
    expect(decodeEnvelope(bytes(envelope(ENVELOPE_VERSION - 1))).v).toBe(ENVELOPE_VERSION - 1)
    for (const v of [ENVELOPE_VERSION + 1, ENVELOPE_VERSION - 2])
      expect(() => decodeEnvelope(bytes(envelope(v)))).toThrow(
        expect.objectContaining({ code: 'AUREN_ENVELOPE_VERSION' }),
      )
  })

  it.each([['{'], ['null'], ['{"v":1}'], ['[]'], ['"x"']])('that are none are refused: %s', (text) => {
    expect(() => decodeEnvelope(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }),
    )
    expect(() => decodeEnvelope(Uint8Array.of(0xff))).toThrow(
      expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }),
    )
  })

  it('have a JSON Schema', () => {
    expect(envelopeJsonSchema()).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['v', 'id', 'user', 'receivedAt', 'observations']),
    })
  })

  it('are full of samples, and never above their size, however long the numbers and words', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-Math.PI * 1e-300))
    const instant = fc.constantFrom(-62_135_596_800_000, 253_402_300_799_999, start)
    const samples = fc.array(
      fc.record(
        {
          metric: fc.string({ maxLength: 80, unit: 'grapheme' }),
          start: instant,
          value: number,
          unit: fc.string({ maxLength: 40 }),
          source: fc.record({
            name: fc.string({ maxLength: 200, unit: 'grapheme' }),
            type: fc.constant('unknown' as const),
          }),
          offset: fc.constantFrom(null, -1080, 60),
          zoneBasis: fc.constantFrom('inferred' as const, 'floating' as const),
          end: instant,
          recordId: fc.string({ maxLength: 300, unit: 'binary' }),
          version: number,
          createdAt: instant,
          flags: fc.constant(255),
          ordinal: fc.constant(Number.MAX_SAFE_INTEGER),
        },
        { requiredKeys: ['metric', 'start', 'value', 'unit', 'source', 'offset', 'zoneBasis'] },
      ),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(samples, (some) => {
        const observations = Array.from({ length: 1500 }, (_, i) => ({ shape: 'sample', ...some[i % some.length] }))
        const envelopes = pack(observations as Observation[], ctx)
        expect(envelopes.flatMap((held) => held.observations)).toEqual(observations)
        const sizes = envelopes.map((held) => encodeEnvelope(held).length)
        for (const size of sizes) expect(size).toBeLessThanOrEqual(ENVELOPE_MAX_BYTES)
        for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(ENVELOPE_MAX_BYTES / 2)
      }),
      { numRuns: 60 },
    )
  })

  it('hold everything in order, none above its size, and have the same ids when they are made again', () => {
    const words = fc.array(fc.string({ maxLength: 9000, unit: 'grapheme' }), { maxLength: 120 })
    fc.assert(
      fc.property(words, (texts) => {
        const observations = texts.map(
          (text, i): Observation => ({
            shape: 'tag',
            tag: 'note',
            start: start + i,
            text,
            source: { name: 'App', type: 'app' },
            offset: null,
            zoneBasis: 'absent',
          }),
        )
        const envelopes = pack(observations, ctx)
        expect(envelopes.flatMap((held) => held.observations)).toEqual(observations)
        for (const held of envelopes) expect(encodeEnvelope(held).length).toBeLessThanOrEqual(ENVELOPE_MAX_BYTES)
        expect(pack(observations, ctx).map(({ id }) => id)).toEqual(envelopes.map(({ id }) => id))
        const others = pack(observations, { ...ctx, step: '1' }).map(({ id }) => id)
        for (const { id } of envelopes) expect(others).not.toContain(id)
      }),
      { numRuns: 15 },
    )
  })
})
