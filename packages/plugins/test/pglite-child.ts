// A process to be killed: commits one delivery after the other and says which ones it has been promised.
import { pglite } from '../src/storage/pglite/index.js'

const { journal } = await pglite({ dataDir: process.argv[2] as string, port: 8000 }).open({ log() {}, now: () => 5000 })
await journal.transaction((tx) => journal.person(tx, 'ann'))
for (let i = 0; ; i++) {
  const body = new Uint8Array(5000).fill(i)
  await journal.transaction((tx) =>
    journal.receive(tx, { provider: 'p', deliveryKey: String(i), user: 'ann', account: 'a', body }, i),
  )
  process.stdout.write(`${i}\n`)
}
