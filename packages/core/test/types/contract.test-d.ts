import {
  createAuren,
  defineNode,
  defineStorage,
  defineWearable,
  type Hot,
  type Journal,
  type LongTerm,
  type Patterns,
  type Threads,
  type Vault,
} from '@auren/core'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

const provided = {} as {
  journal: Journal
  longTerm: LongTerm
  patterns: Patterns
  threads: Threads
  vault: Vault
  close(): Promise<void>
}
const storage = defineStorage({
  kind: 'storage',
  id: 'shelf',
  version: '1.0.0',
  provides: ['journal', 'longTerm', 'patterns', 'threads', 'vault'],
  open: async () => provided,
})
const half = defineStorage({
  kind: 'storage',
  id: 'half',
  version: '1.0.0',
  provides: ['journal'],
  open: async () => provided,
})
const ring = defineWearable({
  kind: 'wearable',
  id: 'ring',
  version: '1.0.0',
  payload: z.object({ n: z.number() }),
  *normalize() {},
})
const needsModel = defineNode({
  kind: 'node',
  id: 'speaker',
  version: '1.0.0',
  needs: ['model'],
  phase: 'compose',
  reads: [],
  writes: [],
  run: async () => ({}),
})
const options = <T>(value: T): T => value

describe('createAuren', () => {
  it('compiles with everything that is needed, and knows its plugins by name', () => {
    const compose = () => createAuren({ plugins: [storage, ring] })
    type Made = Awaited<ReturnType<typeof compose>>
    expectTypeOf<Parameters<Made['ingest']['file']>[0]>().toEqualTypeOf<'ring' | 'auto'>()
    const use = (auren: Made) => {
      expectTypeOf(auren.plugins.find('wearable', 'ring').id).toEqualTypeOf<'ring'>()
      // @ts-expect-error no wearable of this name is in the list
      auren.plugins.find('wearable', 'rinng')
      // @ts-expect-error no wearable of this name is in the list
      void auren.ingest.file('rinng', (async function* () {})(), { userId: 'a', name: 'f' })
    }
    void use
  })

  it('refuses a list in which nothing provides what is needed', () => {
    // @ts-expect-error nothing provides longTerm, patterns, threads and vault
    void (() => createAuren({ plugins: [half, ring] }))
    // @ts-expect-error nothing provides a journal
    void (() => createAuren({ plugins: [ring] }))
    // @ts-expect-error the node needs a model, and there is none
    void (() => createAuren({ plugins: [storage, needsModel] }))
  })

  it('refuses a missing option', () => {
    const scale = (given: { secret: string }) => ({ ...ring, id: 'scale', given }) as const
    // @ts-expect-error the secret is missing
    void (() => scale({}))
    // @ts-expect-error plugins are missing
    void (() => createAuren(options({})))
  })

  it('refuses a capability of the wrong shape', () => {
    const base = { kind: 'storage', version: '1.0.0', id: 'odd' } as const
    const closed = { close: async () => {} }
    const halfHot = { hot: { get: 1 }, ...closed }
    const wrong = () =>
      defineStorage<'odd', 'hot'>({
        ...base,
        provides: ['hot'],
        // @ts-expect-error a hot tier has get, put and wipe
        open: async () => halfHot,
      })
    const empty = () =>
      defineStorage<'odd', 'hot'>({
        ...base,
        provides: ['hot'],
        // @ts-expect-error what is provided must be returned
        open: async () => closed,
      })
    // @ts-expect-error there is no such capability
    type Unknown = ReturnType<typeof defineStorage<'odd', 'teleport'>>
    void [wrong, empty, {} as Unknown]
    expectTypeOf<Hot['wipe']>().toBeFunction()
  })

  it('lets a list that is known only at run time be checked at run time', () => {
    const compose = (plugins: (typeof storage | typeof ring)[]) => createAuren({ plugins })
    type Made = Awaited<ReturnType<typeof compose>>
    const use = (auren: Made) =>
      expectTypeOf(auren.plugins.find('wearable', 'anything')).extract<undefined>().toEqualTypeOf<undefined>()
    void use
  })
})
