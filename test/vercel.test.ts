import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createPwaServer } from '../packages/server/src/pwa/server.js'

// The deployed PWA calls these two paths; a change here takes the deployment down.
it('the deployment keeps its two rewrites and builds the PWA', () => {
  const config = JSON.parse(readFileSync('vercel.json', 'utf8'))
  expect(config.rewrites).toEqual([
    { source: '/api/neuros/:path*', destination: 'http://144.126.215.218:8000/:path*' },
    { source: '/api/biometric/:path*', destination: 'http://144.126.215.218:8888/:path*' },
  ])
  expect(config.outputDirectory).toBe('packages/pwa/dist')
  expect(config.buildCommand).toContain('packages/pwa')
})

it('gives the page of the deployment the same bounds as the one on this machine', async () => {
  const { headers } = JSON.parse(readFileSync('vercel.json', 'utf8'))
  expect(headers).toHaveLength(1)
  const told = Object.fromEntries(headers[0].headers.map((one: { key: string; value: string }) => [one.key, one.value]))
  const server = createServer(createPwaServer('packages/pwa', [], new Map()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { headers: served } = await fetch(`http://127.0.0.1:${port}/package.json`)
  await new Promise((resolve) => server.close(resolve))
  for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'permissions-policy'])
    expect(told[name], name).toBe(served.get(name))
})
