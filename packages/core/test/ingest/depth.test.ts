import { describe, expect, it } from 'vitest'
import { isTooDeep } from '../../src/ingest/depth.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('depth', () => {
  it('is counted over arrays and objects, up to sixty-four', () => {
    expect(isTooDeep(bytes(`${'[{"a":'.repeat(32)}1${'}]'.repeat(32)}`))).toBe(false)
    expect(isTooDeep(bytes(`[${'[{"a":'.repeat(32)}`))).toBe(true)
    expect(isTooDeep(bytes('[[]]'), 1)).toBe(true)
    expect(isTooDeep(bytes('[[],[],[]]'), 2)).toBe(false)
  })

  it('is not counted within texts, whatever is escaped in them', () => {
    expect(isTooDeep(bytes(`["${'['.repeat(100)}"]`))).toBe(false)
    expect(isTooDeep(bytes(`["\\"${'{'.repeat(100)}"]`))).toBe(false)
    expect(isTooDeep(bytes(`["\\\\",${'['.repeat(64)}`))).toBe(true)
  })
})
