import { createHmac } from 'node:crypto'
import { createAuren } from '@auren/core'
import { neuros } from '@auren/plugins/neuros'
import { pglite } from '@auren/plugins/pglite'
import { lumenRing, type Night } from './index.js'

const secret = 'a secret that only Lumen and you know'
const user = 'ada'

/** From a signed payload to an answer, in memory. */
export async function run(
  nights: readonly Night[],
  question: string,
  now: number,
): Promise<{ answer: string; statuses: number[] }> {
  const auren = await createAuren({
    plugins: [pglite(), lumenRing({ secret }), ...neuros()],
    zone: 'Europe/Lisbon',
    now: () => now,
  })
  try {
    // A webhook names only the vendor's account: a connection says whose it is.
    await auren.ingest.connections.adopt(user, 'lumen-ring', nights[0]?.wearer ?? '', { accessToken: 'unused' })
    const statuses: number[] = []
    for (const night of nights) {
      const body = JSON.stringify(night)
      const timestamp = String(Math.floor(now / 1000))
      const answer = await auren.ingest.webhook('lumen-ring', {
        method: 'POST',
        headers: {
          'x-lumen-timestamp': timestamp,
          'x-lumen-signature': createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex'),
        },
        query: {},
        body: new TextEncoder().encode(body),
        now,
      })
      statuses.push(answer.status)
    }
    await auren.ingest.settled()
    const sentences: string[] = []
    for await (const part of auren.ask({ userId: user, threadId: 'first', text: question })) {
      if (part.type === 'sentence') sentences.push(part.text)
    }
    return { answer: sentences.join(' '), statuses }
  } finally {
    await auren.close()
  }
}
