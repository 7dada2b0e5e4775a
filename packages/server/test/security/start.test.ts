import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../../..')
const secret = 'hunter2hunter2'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-start-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Everything that a deployment sets; nothing of it answers. */
const deployed: Record<string, string> = {
  NODE_ENV: 'production',
  POSTGRES_URL: `postgres://auren_user:${secret}@127.0.0.1:9/auren`,
  AUREN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  AUREN_JWT_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  AUREN_PUBLIC_URL: 'https://auren.example/api/neuros',
  AUREN_OIDC_ISSUER: 'https://id.example.org',
  AUREN_OIDC_AUDIENCE: 'https://auren.example',
  AUREN_OIDC_CLIENT_ID: 'auren',
  AUREN_OIDC_CLIENT_SECRET: secret,
  KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9',
  AUREN_KAFKA_USERNAME: 'auren',
  AUREN_KAFKA_PASSWORD: secret,
  OURA_CLIENT_ID: 'client',
  OURA_CLIENT_SECRET: secret,
  OURA_VERIFICATION_TOKEN: secret,
}

/** `auren start` with these variables: how it ended, and what it said. */
function start(env: Record<string, string | undefined>): Promise<{ code: number | null; said: string }> {
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--conditions=auren-source', join(root, 'packages/server/src/cli.ts'), 'start'],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH ?? '',
          AUREN_DATA: folder,
          AUREN_NEUROS_PORT: '0',
          AUREN_BIOMETRIC_PORT: '0',
          ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
        } as NodeJS.ProcessEnv,
      },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    child.once('close', (code) => done({ code, said }))
  })
}

describe('in production `auren start` (C6)', () => {
  it.each([
    ['AUREN_JWT_KEY', {}],
    ['AUREN_MASTER_KEY', {}],
    ['OURA_CLIENT_SECRET', {}],
    ['OURA_VERIFICATION_TOKEN', {}],
    ['AUREN_OIDC_AUDIENCE', {}],
    ['AUREN_KAFKA_PASSWORD', {}],
    // Embedded, but in production all the same.
    ['AUREN_JWT_KEY', { POSTGRES_URL: undefined, KAFKA_BOOTSTRAP_SERVERS: undefined }],
  ])('refuses without %s, and names it', async (name, change) => {
    for (const value of [undefined, '']) {
      const { code, said } = await start({ ...deployed, ...change, [name]: value })
      expect(said).toContain(name)
      expect(code).toBeGreaterThan(0)
      expect(said).not.toMatch(/NEUROS +http|Ready/)
      expect(said).not.toContain(secret)
      if (value === undefined && name !== 'AUREN_JWT_KEY') break
    }
  })

  it.each([
    ['AUREN_JWT_KEY', 'changeme'],
    ['AUREN_MASTER_KEY', 'changeme'],
    ['AUREN_LOCAL_PERSON', 'true'],
    ['AUREN_PUBLIC_URL', 'http://auren.example'],
    ['AUREN_OIDC_ISSUER', 'http://id.example.org'],
    ['AUREN_OIDC_ISSUER', 'https://user:pass@id.example.org'],
  ])('refuses %s=%s, and names it', async (name, value) => {
    const { code, said } = await start({ ...deployed, [name]: value })
    expect(said).toContain(name)
    expect(code).toBeGreaterThan(0)
    expect(said).not.toContain(secret)
  })
})
