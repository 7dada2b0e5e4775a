import type { IncomingMessage } from 'node:http'

/** A request that the vendor was sent. */
export interface VendorRequest {
  method: string
  /** Without the query. */
  path: string
  query: URLSearchParams
  /** Lower-cased names. */
  headers: Readonly<Record<string, string | undefined>>
  body: Buffer
  /** Fields of a form in the body. */
  form: Readonly<Record<string, string>>
  /** The body as JSON. @throws SyntaxError */
  json(): unknown
  /** Whose token it came with; null where it came with none that works. */
  account: string | null
  /** What the path's `{names}` stand for. */
  params: Readonly<Record<string, string>>
}

/** What the vendor answers. A body that is no text and no bytes goes as JSON. */
export interface VendorAnswer {
  /** @default 200 */
  status?: number
  headers?: Readonly<Record<string, string>>
  body?: unknown
}

/** Answers a request. */
export type VendorHandler = (request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>

/** Reads a request whole. */
export async function requestOf(message: IncomingMessage): Promise<VendorRequest> {
  const url = new URL(message.url ?? '/', 'http://localhost')
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const isForm = (message.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, value?.toString()])),
    body,
    form: isForm ? Object.fromEntries(new URLSearchParams(body.toString())) : {},
    json: () => JSON.parse(body.toString()) as unknown,
    account: null,
    params: {},
  }
}
