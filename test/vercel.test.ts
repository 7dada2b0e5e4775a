import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

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
