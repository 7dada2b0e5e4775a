// A bounded load of HTTP requests against a server on this machine.
import { Agent, request } from 'node:http'

/** One request to be sent. */
export interface Shot {
  path: string
  headers: Record<string, string>
  body: Buffer
}

/** What a load found. */
export interface Loaded {
  /** Answers with a 2xx, per second of the load. */
  perSecond: number
  accepted: number
  /** Everything else: other statuses, and requests that broke. */
  refused: number
  /** Time to each 2xx in ms, from when the request was due. */
  times: number[]
}

function send(agent: Agent, base: URL, { path, headers, body }: Shot): Promise<number> {
  return new Promise((resolve) => {
    const call = request(
      {
        agent,
        host: base.hostname,
        port: base.port,
        method: 'POST',
        path,
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    call.once('error', () => resolve(0))
    call.end(body)
  })
}

/** As fast as the server answers, with so many requests on their way at once: what it can take. */
export async function closedLoop(
  url: string,
  shoot: (index: number) => Shot,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  let refused = 0
  let index = 0
  const base = new URL(url)
  const from = performance.now()
  const end = from + seconds * 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const at = performance.now()
        const status = await send(agent, base, shoot(index++))
        if (status >= 200 && status < 300) times.push(performance.now() - at)
        else refused++
      }
    }),
  )
  const took = (performance.now() - from) / 1000
  agent.destroy()
  return { perSecond: times.length / took, accepted: times.length, refused, times }
}

/**
 * At a fixed rate, whether the server keeps up or not. Times count from when a request was due, so that a server that
 * stalls cannot hide what waited meanwhile (coordinated omission).
 */
export async function openLoop(
  url: string,
  shoot: (index: number) => Shot,
  { seconds, perSecond }: { seconds: number; perSecond: number },
): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const times: number[] = []
  let refused = 0
  const base = new URL(url)
  const total = Math.round(seconds * perSecond)
  const running: Promise<void>[] = []
  const from = performance.now()
  for (let index = 0; index < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - from) / 1000) * perSecond) + 1)
    for (; index < due; index++) {
      const at = from + (index / perSecond) * 1000
      running.push(
        send(agent, base, shoot(index)).then((status) => {
          if (status >= 200 && status < 300) times.push(performance.now() - at)
          else refused++
        }),
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(running)
  const took = (performance.now() - from) / 1000
  agent.destroy()
  return { perSecond: times.length / took, accepted: times.length, refused, times }
}
