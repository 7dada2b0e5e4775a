import { type OuraServer, startOura } from '../../../plugins/test/servers/oura.js'
import { type Installation, install } from '../harness.js'
import { type Answer, bearer, send } from '../identity-http.js'

/** Somebody who is signed in. */
export interface Person {
  user: string
  token: string
}

/** An installation for several persons, none of them local: an operator, Ann, and Ben. */
export interface Two {
  here: Installation
  oura: OuraServer
  operator: Person
  ann: Person
  ben: Person
  call(
    service: 'neuros' | 'biometric',
    method: string,
    path: string,
    token: string | null,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>
  /** A signed notification of Oura. */
  notify(fields: Record<string, unknown>): Promise<Answer>
  close(): Promise<void>
}

export const password = 'a few words in a row'

/** Starts it, embedded. */
export async function startTwo(
  env: Record<string, string> = {},
  options: Parameters<typeof install>[1] = {},
): Promise<Two> {
  const oura = await startOura({ clientId: 'client', clientSecret: 's3cret' })
  const here = await install(
    {
      AUREN_LOCAL_PERSON: 'false',
      AUREN_SIGNUP: 'open',
      OURA_CLIENT_ID: 'client',
      OURA_CLIENT_SECRET: 's3cret',
      OURA_VERIFICATION_TOKEN: 'token',
      OURA_BASE_URL: oura.url,
      ...env,
    },
    options,
  )
  const call: Two['call'] = (service, method, path, token, { body, headers } = {}) =>
    send(here.services.addresses[service] as string, method, path, {
      headers: { ...(token === null ? {} : bearer(token)), ...headers },
      ...(body === undefined ? {} : { body }),
    })
  const join = async (name: string): Promise<Person> => {
    const answer = await call('neuros', 'POST', '/v1/auth/signup', null, { body: { name, password } })
    const token = answer.json.accessToken as string
    return { token, user: (await call('neuros', 'GET', '/v1/auth/me', token)).json.user as string }
  }
  return {
    here,
    oura,
    call,
    // The first account operates.
    operator: await join('op@example.org'),
    ann: await join('ann@example.org'),
    ben: await join('ben@example.org'),
    notify(fields) {
      const event = { event_type: 'create', data_type: 'sleep', object_id: 'x', event_time: new Date().toISOString() }
      const { headers, body } = oura.sign({ ...event, user_id: oura.account, ...fields }, Date.now())
      return send(here.services.addresses.biometric as string, 'POST', '/webhooks/oura', { headers, body })
    },
    async close() {
      await here.close()
      await here.remove()
      await oura.close()
    },
  }
}

/** An operation of an OpenAPI document. */
export interface Operation {
  service: 'neuros' | 'biometric'
  method: string
  path: string
  /** `GET /v1/memories`. */
  name: string
  open: boolean
  scope: string | undefined
  parameters: { name: string; in: string }[]
  /** Names in its JSON body, to any depth. */
  fields: string[]
  raw: boolean
}

/** Every operation that the two services say they have. */
export async function operationsOf({ call }: Pick<Two, 'call'>): Promise<Operation[]> {
  const found: Operation[] = []
  for (const service of ['neuros', 'biometric'] as const) {
    const document = (await call(service, 'GET', '/openapi.json', null)).json as unknown as {
      paths: Record<string, Record<string, Described>>
    }
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, described] of Object.entries(methods)) {
        const content = described.requestBody?.content ?? {}
        found.push({
          service,
          method: method.toUpperCase(),
          path,
          name: `${method.toUpperCase()} ${path}`,
          open: described.security.length === 0,
          scope: described.security[0]?.bearer?.[0],
          parameters: described.parameters ?? [],
          fields: [...new Set(namesIn(content['application/json']?.schema))],
          raw: 'application/octet-stream' in content,
        })
      }
  }
  return found
}

interface Described {
  security: { bearer?: string[] }[]
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema?: unknown }> }
}

function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn)
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties'
      ? [...Object.keys(value as object), ...Object.values(value as object).flatMap(namesIn)]
      : namesIn(value),
  )
}
