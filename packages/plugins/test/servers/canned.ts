import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An answer; its body is JSON. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

/** A local server that answers each address as it is told, for pulls whose vendor needs no more than that. */
export async function startCanned(
  answer: (url: URL) => Answer,
): Promise<{ url: string; asked: string[]; close(): Promise<void> }> {
  const asked: string[] = []
  const http = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { status, headers, body = [] } = answer(new URL(request.url ?? '/', 'http://localhost'))
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
}
