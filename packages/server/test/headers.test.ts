import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import helmet from 'helmet'
import { expect, it } from 'vitest'
import { securityHeaders } from '../src/http/headers.js'

async function headersOf(listener: RequestListener): Promise<Record<string, string>> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await new Promise((resolve) => server.close(resolve))
  const { date: _date, ...headers } = Object.fromEntries(response.headers)
  return headers
}

it('says on every answer what helmet says', async () => {
  const ours = express()
  ours.disable('x-powered-by')
  ours.use(securityHeaders(), (_request, response) => void response.end())
  const theirs = express()
  const contentSecurityPolicy = {
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    useDefaults: false,
  }
  theirs.use(helmet({ contentSecurityPolicy }), (_request, response) => void response.end())
  const found = await headersOf(ours)
  expect(found).toEqual(await headersOf(theirs))
  expect(found).toMatchObject({
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  })
  expect(Object.keys(found).length).toBeGreaterThan(10)
})
