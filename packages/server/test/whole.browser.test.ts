import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateAppleExport } from '../../../bench/generate/apple-export.js'
import { readRewrites } from '../src/pwa/rewrites.js'
import { createPwaServer } from '../src/pwa/server.js'
import { type Installation, install } from './harness.js'
import { dailyMeans, readRecords } from './raw-apple.js'

const root = join(import.meta.dirname, '..', '..', '..')
const complaints: string[] = []
let here: Installation
let pwa: Server
let browser: Browser
let page: Page
let address = ''
let file = ''
let xml = ''
let folder = ''

beforeAll(async () => {
  // The clock stands at noon after the last day of the export.
  here = await install({}, { now: () => Date.parse('2025-07-01T10:00:00Z') })
  folder = mkdtempSync(join(tmpdir(), 'auren-whole-'))
  // As `npm run build` does it: the test's own environment would give a build for development.
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error', '--outDir', folder, '--emptyOutDir'], {
    cwd: join(root, 'packages', 'pwa'),
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const rewrites = await readRewrites(join(root, 'vercel.json'))
  const port = (url: string) => Number(new URL(url).port)
  const { neuros = '', biometric = '' } = here.services.addresses
  pwa = createServer(
    createPwaServer(
      folder,
      rewrites,
      new Map([
        [8000, port(neuros)],
        [8888, port(biometric)],
      ]),
    ),
  )
  // The services let pages of this port speak for the local person.
  await new Promise<void>((resolve, reject) => {
    pwa.once('error', reject)
    pwa.listen(here.config.ports.pwa, '127.0.0.1', resolve)
  })
  address = `http://localhost:${(pwa.address() as AddressInfo).port}`
  for (const part of generateAppleExport({ months: 2, seed: 11 })) xml += part
  file = join(folder, 'export.xml')
  writeFileSync(file, xml)
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Berlin' })
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
}, 180_000)
afterAll(async () => {
  await browser?.close()
  pwa?.closeAllConnections()
  pwa?.close()
  await here?.close()
  await here?.remove()
})

describe('the app over the real services', () => {
  it('is the one that is deployed, without what only development needs', () => {
    const assets = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
    const code = assets.map((name) => readFileSync(join(folder, 'assets', name), 'utf8')).join('')
    expect(code).not.toContain('jsxDEV')
  })

  it('takes an export in, and says when it is done', async () => {
    await page.goto(`${address}/#/data`)
    await page.locator('input[type=file]').setInputFiles(file)
    await page
      .getByText(/export\.xml/)
      .first()
      .waitFor()
    await expect
      .poll(async () => (await here.auren.ingest.imports.list('local'))[0]?.state, { timeout: 120_000, interval: 500 })
      .toBe('done')
    await here.auren.ingest.settled()
    const [view] = await here.auren.ingest.imports.list('local')
    await page
      .getByText(new RegExp((view?.progress.observations ?? 0).toLocaleString('en-GB')))
      .first()
      .waitFor()
  })

  it('shows today against the usual range', async () => {
    await page.goto(`${address}/#/today`)
    await page.reload()
    await page.getByText('Resting heart rate').first().waitFor()
    expect(await page.getByText(/your usual/i).count()).toBeGreaterThan(0)
  })

  it('answers a question, and its number opens the chart behind it', async () => {
    await page.goto(`${address}/#/ask`)
    await page.getByPlaceholder('Ask about your data').fill('What was my average resting heart rate in June 2025?')
    await page.getByRole('button', { name: 'Send the question' }).click()
    // Plain code over the raw file: the mean of the daily means.
    const days = [...dailyMeans(readRecords(xml), 'RestingHeartRate')]
      .filter(([date]) => date.startsWith('2025-06'))
      .map(([, value]) => value)
    const mean = (days.reduce((sum, value) => sum + value, 0) / days.length).toFixed(1)
    const number = page.getByRole('button', { name: new RegExp(`${mean.replace('.', '\\.')}`) }).first()
    await number.waitFor({ timeout: 20_000 })
    await number.click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('canvas').waitFor({ timeout: 20_000 })
    expect(await dialog.innerText()).toMatch(/resting heart rate/i)
    if (process.env.AUREN_SCREENSHOTS)
      await page.screenshot({ path: join(process.env.AUREN_SCREENSHOTS, 'whole-chart.png') })
    await page.keyboard.press('Escape')
  })

  it('remembers what it is told, shows it, and forgets it', async () => {
    await page.getByPlaceholder('Ask about your data').fill('Remember that I am allergic to penicillin')
    await page.getByRole('button', { name: 'Send the question' }).click()
    await expect
      .poll(async () => (await here.auren.memory.for('local').list({ kinds: ['safety'] })).length, { timeout: 20_000 })
      .toBe(1)
    await page.goto(`${address}/#/memory`)
    await page
      .getByText(/penicillin/i)
      .first()
      .waitFor()
    const [record] = await here.auren.memory.for('local').list({ kinds: ['safety'] })
    await here.auren.memory.for('local').forget(record?.id ?? '')
    await page.reload()
    await expect.poll(() => page.getByText(/penicillin/i).count(), { timeout: 20_000 }).toBe(0)
  })

  it('complained of nothing', () => {
    expect(complaints).toEqual([])
  })
})
