import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/events/ports.js'
import { createFarewell } from '../../src/ingest/farewell.js'
import { createTokens } from '../../src/ingest/tokens.js'
import type { Fetch } from '../../src/plugin/fetch.js'
import type { WearablePlugin } from '../../src/plugin/types.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'
import { account, start, toy, user } from './toy.js'

/** A vendor that never answers. */
const silent: Fetch = () => new Promise(() => undefined)

describe('a farewell', () => {
  it('does not wait for a vendor that does not answer', async () => {
    const journal = createMemoryJournal({ now: () => start })
    const plugin = toy({
      oauth: {
        authorizeUrl: '',
        tokenUrl: '',
        scopes: [],
        clientId: '',
        clientSecret: '',
        pkce: false,
        account: async () => account,
        disconnected: async (fetch) => {
          await fetch('https://vendor.example/end')
        },
      },
      subscription: {
        of: 'connection',
        everyMs: 1,
        maintain: async () => ({}),
        cancel: async ({ fetch }) => {
          await fetch('https://vendor.example/cancel')
        },
      },
    }) as WearablePlugin
    const told: unknown[] = []
    const farewell = createFarewell({
      wearables: [plugin],
      fetchFor: () => silent,
      tokens: createTokens({ journal, fetchFor: () => silent, now: () => start }),
      subscriptions: { end: async () => ({ callbackUrl: 'https://auren.example', account, now: start, state: {} }) },
      log: (_level, _message, fields) => told.push(fields),
      mostMs: 20,
    })
    const connection: Connection = {
      id: 'c',
      user,
      provider: 'toy',
      account,
      status: 'active',
      tokens: { accessToken: 'secret' },
      state: {},
      lastSyncAt: null,
      error: null,
    }
    const ended = await journal.transaction((tx) => farewell.prepare(tx, [connection, { ...connection, tokens: null }]))
    expect(ended).toHaveLength(1)
    await farewell.say(ended)
    expect(told).toMatchObject([{ what: 'subscription' }, { what: 'connection' }])
  })
})
