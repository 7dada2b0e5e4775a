import { describe, expect, it } from 'vitest'
import { checkOrigins, corsWarning, originAllowed } from '../src/http/cors.js'

/** Origins of knowledge/platform.md C3, and what happens to each: by default, and once the project is pinned. */
const table: [origin: string, byDefault: boolean, pinned: boolean][] = [
  ['https://evil.vercel.app', true, false],
  ['https://auren-evil.vercel.app', true, false],
  ['https://auren-pwa.vercel.app', true, true],
  ['https://auren-pwa-git-main-team.vercel.app', true, true],
  ['https://auren-pwa-3f9x-team.vercel.app', true, true],
  ['https://auren-pwa--team.vercel.app', true, false],
  ['https://auren-pwa-x-otherteam.vercel.app', true, false],
  ['https://auren-pwa-x.y-team.vercel.app', false, false],
  ['https://auren-pwa-x-team.vercel.app.evil.com', false, false],
  ['https://x.vercel.app.evil.com', false, false],
  ['http://auren.vercel.app', false, false],
  ['http://auren-pwa.vercel.app', false, false],
  ['null', false, false],
  ['https://evilvercel.app', false, false],
  ['https://vercel.app', false, false],
  ['https://.vercel.app', false, false],
  ['https://a.b.vercel.app', false, false],
  ['https://-a.vercel.app', false, false],
  ['https://auren-pwa.vercel.app:443', false, false],
  ['https://auren-pwa.vercel.app/', false, false],
  ['https://user@auren-pwa.vercel.app', false, false],
  ['HTTPS://AUREN-PWA.VERCEL.APP', false, false],
  ['https://AUREN-PWA.vercel.app', false, false],
  ['https://auren-pwa.vercel.app\n', false, false],
  ['http://localhost:3000', true, false],
  ['http://localhost:5173', true, false],
  ['http://localhost:3000.evil.com', false, false],
  ['http://localhost:30000', false, false],
  ['http://localhost:8000', false, false],
  ['https://localhost:3000', false, false],
  ['', false, false],
]
const pins = ['https://auren-pwa.vercel.app', 'https://auren-pwa-*-team.vercel.app']

describe('who may read answers (C3)', () => {
  it.each(table)('%j: by default %s, pinned %s', (origin, byDefault, pinned) => {
    expect([originAllowed(origin, null), originAllowed(origin, pins)]).toEqual([byDefault, pinned])
  })

  it('is warned of in production until it is pinned', () => {
    expect(corsWarning(null, true)).toMatch(/AUREN_CORS_ORIGINS/)
    expect(corsWarning(null, false)).toBeNull()
    expect(corsWarning(pins, true)).toBeNull()
  })

  it.each([
    '*',
    'https://*.vercel.app',
    'https://auren-*.vercel.app',
    'https://auren-pwa-*-team.*.app',
    'https://auren-pwa-*-team.com',
    'http://auren-pwa-*-team.vercel.app',
    'null',
    'auren.example',
    'https://auren.example/path',
    'https://AUREN.example',
    'ftp://auren.example',
  ])('cannot be pinned as %s', (entry) => {
    expect(() => checkOrigins([entry])).toThrow(expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }))
  })

  it('can be pinned exactly, or as the previews of one project', () => {
    checkOrigins([...pins, 'https://auren.example', 'http://localhost:8080'])
  })
})
