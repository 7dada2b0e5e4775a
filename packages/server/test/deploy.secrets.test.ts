import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { textFiles } from '../../../test/structure/files.js'

const root = resolve(import.meta.dirname, '../../..')

/** What secrets look like; each is put together here, so that this file does not hold what it looks for. */
const patterns: Readonly<Record<string, RegExp>> = {
  'a private key': new RegExp(`-----BEGIN (?:[A-Z]+ )?PRIVATE ${'KEY'}-----\\s*(?:\\\\n)?[A-Za-z0-9+/=\\s\\\\]{40,}`),
  'a private JWK': /"d"\s*:\s*"[\w-]{40,}"/,
  'a key of AWS': /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  'a token of GitHub': /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})\b/,
  'a token of npm': /\bnpm_[A-Za-z0-9]{36}\b/,
  'a key of OpenAI or Anthropic': /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}\b/,
  'a token of Slack': /\bxox[abprs]-[A-Za-z0-9-]{20,}\b/,
  'a key of Google': /\bAIza[\w-]{35}\b/,
  'a secret of Stripe or of Standard Webhooks': /\b(?:[sr]k_live_|whsec_)[A-Za-z0-9+/=]{24,}/,
  'a token of AUREN': /\bauren_pat_[\w-]{30,}\b/,
  'a JSON Web Token': /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}/,
  // Not what leads to this very machine, nor what the tests call hunter2.
  'a password in an address':
    /\b(?:postgres(?:ql)?|rediss?|https?|amqp|mongodb):\/\/[\w.-]+:(?!hunter2|[\w-]+@(?:127\.0\.0\.1|localhost))[^@\s:/'"`$<{…]{12,}@/i,
}

/** Places of `text` that look like a secret. */
function secretsIn(text: string): string[] {
  return Object.entries(patterns).flatMap(([what, pattern]) => {
    const found = pattern.exec(text)
    return found ? [`${what}, line ${text.slice(0, found.index).split('\n').length}`] : []
  })
}

describe('secrets (C26)', () => {
  it.each([
    [
      'a private key',
      `-----BEGIN PRIVATE ${'KEY'}-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n`,
    ],
    ['a private key', `KEY="-----BEGIN RSA PRIVATE ${'KEY'}-----\\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmi"`],
    ['a key of AWS', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a token of GitHub', `ghp_${'a1B2'.repeat(9)}`],
    ['a key of OpenAI or Anthropic', `sk-proj-${'a1B2'.repeat(9)}`],
    ['a token of AUREN', `auren_pat_${'a1B2'.repeat(9)}`],
    ['a password in an address', `postgres://auren_user:${'9f8e7d6c5b4a'}@db:5432/x`],
  ])('%s would be found', (what, text) => {
    expect(secretsIn(text).map((found) => found.split(',')[0])).toContain(what)
  })

  it('are not in the tree', () => {
    const files = textFiles(root).filter((file) => file !== 'package-lock.json')
    expect(files.length).toBeGreaterThan(300)
    expect(
      files.flatMap((file) => secretsIn(readFileSync(join(root, file), 'utf8')).map((found) => `${file}: ${found}`)),
    ).toEqual([])
  })

  it('have somewhere to be told', () => {
    const security = readFileSync(join(root, 'SECURITY.md'), 'utf8')
    for (const word of ['Report a vulnerability', 'privately', 'seven days', 'secrets in logs', 'Supported'])
      expect(security).toContain(word)
  })
})
