import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkPeers, checkPlugins } from '../src/plugin/check.js'
import { createAuren } from '../src/plugin/create.js'
import { defineNode, defineStorage, defineWearable } from '../src/plugin/define.js'
import type { AnyPlugin } from '../src/plugin/types.js'

let opened = 0
const storage = defineStorage({
  kind: 'storage',
  id: 'shelf',
  version: '1.0.0',
  provides: ['journal', 'longTerm', 'patterns', 'threads', 'vault'],
  open: async () => {
    opened++
    throw new Error('must not be opened in these tests')
  },
})
const ring = defineWearable({ kind: 'wearable', id: 'ring', version: '1.0.0', payload: z.unknown(), *normalize() {} })
const speaker = defineNode({
  kind: 'node',
  id: 'speaker',
  version: '1.0.0',
  needs: ['model'],
  phase: 'compose',
  reads: [],
  writes: [],
  run: async () => ({}),
})

const thrown = (plugins: readonly AnyPlugin[]): unknown => {
  try {
    checkPlugins(plugins)
  } catch (error) {
    return error
  }
}

describe('what is checked before any plugin runs', () => {
  it('lets a complete list pass', () => {
    expect(thrown([storage, ring])).toBeUndefined()
  })

  it('tells everything that is missing at once, and who provides it', () => {
    expect(thrown([ring, speaker])).toMatchObject({
      code: 'AUREN_CAPABILITY_MISSING',
      message: expect.stringMatching(/longTerm[\s\S]*pglite[\s\S]*"speaker" needs "model": add .*openai/),
    })
  })

  it('tells two of one name, over all kinds', () => {
    expect(thrown([storage, ring, { ...speaker, id: 'ring' } as AnyPlugin])).toMatchObject({
      code: 'AUREN_PLUGIN_DUPLICATE',
      message: expect.stringContaining('"ring" is listed twice'),
    })
  })

  it.each([
    ['no plugin', null, /pass what the factory returns/],
    ['a bad id', { ...ring, id: 'My Ring' }, /lower-case/],
    ['a bad version', { ...ring, version: 'one' }, /semver/],
    ['no normalize', { ...ring, normalize: undefined }, /no function normalize/],
    ['an unknown kind', { ...ring, kind: 'gadget' }, /its kind must be one of/],
    ['an unknown phase', { ...speaker, phase: 'think' }, /its phase must be one of/],
  ])('tells of %s', (_name, plugin, message) => {
    expect(thrown([storage, plugin as AnyPlugin])).toMatchObject({
      code: 'AUREN_PLUGIN_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('opens nothing when the list is not right', async () => {
    await expect(createAuren({ plugins: [storage, speaker] as AnyPlugin[] })).rejects.toMatchObject({
      code: 'AUREN_CAPABILITY_MISSING',
    })
    expect(opened).toBe(0)
  })

  it('names the package to install', () => {
    const plugin = { ...ring, peers: { 'no-such-package': '^1.0.0' } } as AnyPlugin
    expect(() => checkPeers([plugin])).toThrow(
      expect.objectContaining({
        code: 'AUREN_PEER_MISSING',
        message: expect.stringContaining('npm install no-such-package@"^1.0.0"'),
      }),
    )
    expect(() => checkPeers([{ ...ring, peers: { zod: '^4.0.0' } } as AnyPlugin])).not.toThrow()
  })
})
