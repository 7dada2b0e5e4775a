// A client in a process of its own: asks GET /healthz twenty times a second and tells at the end how long each answer took,
// and how late its own event loop was meanwhile: it does nothing else, so that is what the machine did to it.
//   node bench/poll-health.mjs http://127.0.0.1:8000
import { Agent, get } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

const url = `${process.argv[2]}/healthz`
const agent = new Agent({ keepAlive: true })
/** Milliseconds from the request to the end of the answer. @type {number[]} */
const took = []
let stopped = false
process.on('message', () => {
  stopped = true
})

const late = monitorEventLoopDelay({ resolution: 1 })
late.enable()
process.send?.('ready')
while (!stopped) {
  const from = performance.now()
  await new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().once('end', resolve)).once('error', reject)
  })
  took.push(performance.now() - from)
  await delay(50)
}
process.send?.({ took, latest: late.max / 1e6, p99: late.percentile(99) / 1e6 }, () => process.exit(0))
