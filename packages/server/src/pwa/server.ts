import { request as forward } from 'node:http'
import { join } from 'node:path'
import express, { type Express, type Request, type Response } from 'express'
import helmet from 'helmet'
import type { Rewrite } from './rewrites.js'

/** Headers of one hop only (RFC 9110 §7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
])

/**
 * Serves the built PWA, and forwards its API paths to the services on this machine, as the deployment's edge does:
 * prefix stripped, bodies and event streams passed through as they come.
 *
 * @param ports maps the port named in vercel.json to the one in use here
 */
export function createPwaServer(
  folder: string,
  rewrites: readonly Rewrite[],
  ports: ReadonlyMap<number, number>,
): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          connectSrc: ["'self'"],
          workerSrc: ["'self'"],
          manifestSrc: ["'self'"],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      // Plain http on loopback: a browser that remembers HSTS for localhost would break other projects there.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'no-referrer' },
    }),
  )
  app.use((_request, response, next) => {
    response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    next()
  })
  // The services trust a loopback Host; a name that was rebound to this machine must not borrow ours.
  app.use((request, response, next) => {
    if (/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) next()
    else
      response.status(421).type('text/plain').send('Ask for this server by a loopback name, such as http://localhost.')
  })
  for (const { prefix, port } of rewrites) {
    const target = ports.get(port) ?? port
    app.use(prefix, (request, response) => pass(request, response, target))
  }
  app.use(express.static(folder, { index: 'index.html', setHeaders: cacheHeaders }))
  // A deep link of the single page.
  app.get(/^\/(?!api\/)[^.]*$/, (_request, response) => {
    response.setHeader('cache-control', 'no-cache')
    response.sendFile(join(folder, 'index.html'))
  })
  return app
}

function cacheHeaders(response: Response, path: string): void {
  const hashed = /[\\/]assets[\\/]/.test(path)
  response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}

function pass(request: Request, response: Response, port: number): void {
  const headers: Record<string, string | string[]> = { host: `127.0.0.1:${port}` }
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !hopByHop.has(name)) headers[name] = value
  }
  const upstream = forward(
    { host: '127.0.0.1', port, method: request.method, path: request.url, headers },
    (answer) => {
      const passed = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hopByHop.has(name)))
      response.writeHead(answer.statusCode ?? 502, passed)
      // A stream may be silent for long: that it is there must not wait for its first word.
      response.flushHeaders()
      // A service that dies mid-answer must end the page’s stream too, or it would wait for ever.
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    },
  )
  upstream.on('error', () => {
    if (response.headersSent) response.destroy()
    else
      response
        .status(502)
        .type('application/problem+json')
        .send(
          JSON.stringify({
            title: 'Bad Gateway',
            status: 502,
            detail: `Nothing answers on 127.0.0.1:${port}. Is AUREN running?`,
            code: 'AUREN_STORE_UNAVAILABLE',
          }),
        )
  })
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}
