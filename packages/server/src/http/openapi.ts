import { z } from 'zod'
import { scopeOf } from './identity.js'
import type { Route } from './route.js'

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retry_after_seconds: z.number().optional(),
})

/** The OpenAPI 3.1 document of a service, made of the very routes that are mounted. */
export function openapi(title: string, version: string, routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    const operation = paths[route.path] as Record<string, unknown>
    operation[route.method] = {
      operationId: operationId(route),
      summary: route.summary,
      tags: [route.tag],
      ...(route.auth
        ? { security: [{ bearer: [scopeOf(route.scope ?? 'person', route.method)] }, {}] }
        : { security: [] }),
      ...parameters(route),
      ...requestBody(route),
      responses: {
        [String(route.status ?? (route.response || route.produces ? 200 : 204))]: {
          description: 'Success',
          ...(route.response || route.produces
            ? {
                content: {
                  [route.produces ?? 'application/json']: route.response
                    ? { schema: schemaOf(route.response, 'output') }
                    : {},
                },
              }
            : {}),
        },
        default: {
          description: 'A problem',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function operationId(route: Route): string {
  return `${route.method}${route.path.replace(/[^a-z0-9]+(\w)?/gi, (_, letter: string | undefined) => (letter ?? '').toUpperCase())}`
}

function parameters(route: Route): { parameters?: unknown[] } {
  const all = [...parametersIn(route.params, 'path'), ...parametersIn(route.query, 'query')]
  return all.length > 0 ? { parameters: all } : {}
}

function parametersIn(schema: z.ZodType | undefined, where: 'path' | 'query'): unknown[] {
  if (!schema) return []
  const object = schemaOf(schema, 'input') as { properties?: Record<string, unknown>; required?: string[] }
  return Object.entries(object.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (object.required ?? []).includes(name),
    schema: property,
  }))
}

function requestBody(route: Route): { requestBody?: unknown } {
  if (route.rawBody) return { requestBody: { required: true, content: { 'application/octet-stream': {} } } }
  if (!route.body) return {}
  return { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } }
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<
    string,
    unknown
  >
  return rest
}
