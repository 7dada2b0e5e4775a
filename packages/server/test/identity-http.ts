import { type IncomingHttpHeaders, request } from 'node:http'

/** An answer of a service. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: Record<string, unknown>
}

/** Sends one request as it is: any Host, any Origin, and no redirect followed. */
export function send(
  base: string,
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const raw = typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
  const url = new URL(path, base)
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          const isJson = /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {},
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(raw)
  })
}

/** `name=value` of the cookies that an answer sets, with their attributes. */
export function cookiesOf(answer: Answer): { pair: string; attributes: string[] }[] {
  return (answer.headers['set-cookie'] ?? []).map((line) => {
    const [pair = '', ...attributes] = line.split('; ')
    return { pair, attributes }
  })
}

/** `Authorization` for a token. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
