import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AurenError, type AurenErrorCode, asAurenError, errorCodes, isAurenError } from '../src/errors.js'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md'), 'utf8')
const codes = Object.keys(errorCodes) as AurenErrorCode[]

describe('the table of errors', () => {
  it.each(codes)('%s has its place in docs/errors.md and a status', (code) => {
    expect(page).toContain(`<a id="${new AurenError(code, 'x').docs.split('#')[1]}"></a>${code} |`)
    expect(new AurenError(code, 'x').status).toBeGreaterThanOrEqual(400)
  })

  it('has no page for a code that is gone', () => {
    const documented = [...page.matchAll(/<\/a>(AUREN_\w+) \|/g)].map((match) => match[1])
    expect(documented.toSorted()).toEqual(codes.toSorted())
  })

  it('takes whether to retry from the table unless told otherwise', () => {
    for (const code of codes) expect(new AurenError(code, 'x').retryable).toBe(errorCodes[code].retryable)
    expect(new AurenError('AUREN_VENDOR_FAILED', 'x', { retryable: false }).retryable).toBe(false)
  })

  it('knows its own also from another copy of the package, and keeps the cause of others', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('auren.error')]: true })
    expect(isAurenError(foreign)).toBe(true)
    const cause = new TypeError('y')
    expect(asAurenError(cause)).toMatchObject({ code: 'AUREN_INTERNAL', cause, message: 'y' })
    expect(asAurenError('z').message).toBe('z')
    expect(isAurenError(null)).toBe(false)
  })
})
