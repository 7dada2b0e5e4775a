import { type AurenError, isAurenError } from '@auren/core'
import type { Request, Response } from 'express'

/** What a person sees who comes back from a vendor. Words from elsewhere are told as words. */
function page(title: string, text: string): string {
  const plain = (words: string): string => words.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${plain(title)}</title>
<h1>${plain(title)}</h1><p>${plain(text)}</p></html>
`
}

/** Says that a vendor is connected. */
export function showConnected(response: Response): void {
  response.type('html').send(page('Connected', 'Connected. You can close this page.'))
}

/** True where what went wrong has been said as a page: to a browser, and of what the person can do something about. */
export function showRefused(error: unknown, request: Request, response: Response): error is AurenError {
  if (!isAurenError(error) || error.status >= 500 || !request.headers.accept?.includes('text/html')) return false
  response.setHeader('cache-control', 'no-store')
  response.status(error.status).type('html').send(page('Not connected', error.message))
  return true
}
