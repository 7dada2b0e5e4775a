import { expect } from 'vitest'
import { password, type Two } from './two-persons.js'

/** Words that may stand nowhere in the clear, by what they are. */
export const canaries = {
  note: 'CANARY-note-7f3 my shoulder',
  chat: 'CANARY-chat-7f3',
  raw: 'CANARY-raw-7f3',
  aside: 'CANARY-aside-7f3',
  file: 'CANARY-file-7f3',
  access: 'CANARY-access-7f3',
  refresh: 'CANARY-refresh-7f3',
  tokenName: 'CANARY-tokenname-7f3',
  name: 'ann@example.org',
  password,
} as const

/** Has Ann say, upload, connect and receive all of them. Returns her API token, which is one more. */
export async function leaveCanaries(two: Two): Promise<{ token: string; delivery: Record<string, unknown> }> {
  const { call, ann, here } = two
  const made = (answer: { status: number; text: string }): void => expect(answer.status, answer.text).toBeLessThan(300)
  made(await call('neuros', 'POST', '/v1/memories', ann.token, { body: { kind: 'note', text: canaries.note } }))
  made(
    await call('neuros', 'POST', '/v1/threads/t-1/messages', ann.token, {
      body: { text: `How did I sleep last week? ${canaries.chat}` },
    }),
  )
  const token = await call('neuros', 'POST', '/v1/tokens', ann.token, {
    body: { name: canaries.tokenName, scopes: ['read', 'write'] },
  })
  made(token)
  const upload = await call('biometric', 'POST', '/v1/imports', ann.token, { body: { name: 'export.zip' } })
  made(
    await call('biometric', 'PUT', `/v1/imports/${upload.json.id}/parts?offset=0`, ann.token, {
      body: canaries.file.repeat(20),
      headers: { 'content-type': 'application/octet-stream' },
    }),
  )
  await here.auren.ingest.connections.adopt(ann.user, 'oura', two.oura.account, {
    accessToken: canaries.access,
    refreshToken: canaries.refresh,
    expiresAt: Date.now() + 3_600_000,
  })
  const delivery = {
    object_id: 'night-1',
    comment: canaries.raw,
    event_time: '2026-11-20T10:00:00Z',
    event_type: 'delete',
  }
  made(await two.notify(delivery))
  const sample = { shape: 'sample', metric: 'heart_rate', start: '2026-11-20T10:00:00Z', unit: '/min' }
  made(
    await call('biometric', 'POST', '/v1/observations', ann.token, {
      headers: { 'idempotency-key': 'key-1' },
      body: {
        app: 'watch',
        observations: [
          { ...sample, value: 61 },
          { ...sample, value: 61737, recordId: canaries.aside },
          { shape: 'tag', tag: 'note', start: '2026-11-20T10:00:00Z', text: canaries.note },
        ],
      },
    }),
  )
  await here.auren.ingest.settled()
  return { token: token.json.token as string, delivery }
}

/** Those of the words that stand in some bytes: as they are, in UTF-16, as hex, or in base64 at any offset. */
export function foundIn(bytes: Uint8Array, words: Record<string, string>): string[] {
  const held = Buffer.from(bytes)
  return Object.entries(words).flatMap(([name, word]) => {
    const plain = Buffer.from(word)
    const base64 = [0, 1, 2].map((pad) =>
      Buffer.concat([Buffer.alloc(pad), plain])
        .toString('base64')
        .slice(pad === 0 ? 0 : 4, -4),
    )
    const forms = [
      plain,
      Buffer.from(word, 'utf16le'),
      Buffer.from(plain.toString('hex')),
      ...base64.map((text) => Buffer.from(text)),
    ]
    return forms.some((form) => held.includes(form)) ? [name] : []
  })
}
