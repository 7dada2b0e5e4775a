// A client in a process of its own: asks GET /healthz again and again, and tells at the end how long each answer took.
//   node bench/poll-health.mjs http://127.0.0.1:8000
import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const url = `${process.argv[2]}/healthz`
const agent = new Agent({ keepAlive: true })
/** Milliseconds from the request to the end of the answer. @type {number[]} */
const took = []
let stopped = false
process.on('message', () => {
  stopped = true
})

process.send?.('ready')
while (!stopped) {
  const from = performance.now()
  await new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().once('end', resolve)).once('error', reject)
  })
  took.push(performance.now() - from)
  await delay(10)
}
process.send?.(took, () => process.exit(0))
