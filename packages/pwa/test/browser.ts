import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { type Fake, startFake } from './fake/services.js'

/** Sizes that the app is looked at in. */
export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const

/** A page with everything that it complained of. */
export interface Opened {
  page: Page
  context: BrowserContext
  /** Errors of the console, uncaught ones, violations of the content policy, and requests that left this machine. */
  complaints: string[]
  close(): Promise<void>
}

/** What the app is opened over. */
export interface Served {
  /** Where the app is. */
  address: string
  close(): Promise<void>
}

/** The app in Chromium, over the invented person. */
export interface Stage extends Theatre {
  fake: Fake
}

/** The app in Chromium. */
export interface Theatre {
  browser: Browser
  /** Folder of the built app. */
  folder: string
  open(options?: {
    size?: keyof typeof sizes
    scheme?: 'light' | 'dark'
    path?: string
    reducedMotion?: boolean
  }): Promise<Opened>
  /** One more tab of the same browser. */
  tab(context: BrowserContext, complaints: string[], path?: string): Promise<Page>
  /** Keeps a picture for whoever wants to look; the folder is AUREN_SCREENSHOTS, or a temporary one. */
  picture(page: Page, name: string): Promise<void>
  close(): Promise<void>
}

const root = resolve(import.meta.dirname, '..')
const pictures = process.env.AUREN_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'auren-pwa-'))

/** Builds the app, serves it with the invented person behind it, and starts Chromium (CHROMIUM_PATH). */
export async function createStage(): Promise<Stage> {
  const { served, ...theatre } = await createTheatre(startFake)
  return { ...theatre, fake: served }
}

/** Builds the app, serves it with what `start` puts behind it, and starts Chromium (CHROMIUM_PATH). */
export async function createTheatre<S extends Served>(
  start: (folder: string) => Promise<S>,
): Promise<Theatre & { served: S }> {
  const executablePath = process.env.CHROMIUM_PATH
  if (!executablePath) throw new Error('CHROMIUM_PATH is not set: run `npm run test:browser`.')
  const folder = mkdtempSync(join(tmpdir(), 'auren-pwa-build-'))
  // As `npm run build` does it: the test's own environment would give a build for development.
  const vite = resolve(root, '../../node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error', '--outDir', folder, '--emptyOutDir'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const served = await start(folder)
  const browser = await chromium.launch({
    executablePath,
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
  mkdirSync(pictures, { recursive: true })
  console.log(`pictures: ${pictures}`)
  const tab: Theatre['tab'] = async (context, complaints, path = '/') => {
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(served.address) && /^https?:/.test(request.url()))
        complaints.push(`left this machine: ${request.url()}`)
    })
    await page.goto(`${served.address}${path}`)
    return page
  }
  return {
    served,
    browser,
    folder,
    tab,
    async open({ size = 'desktop', scheme = 'light', path = '/', reducedMotion = true } = {}) {
      const context = await browser.newContext({
        viewport: sizes[size],
        colorScheme: scheme,
        reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
        locale: 'en-GB',
        timezoneId: 'Europe/Berlin',
        hasTouch: size === 'phone',
      })
      const complaints: string[] = []
      await context.exposeBinding('complain', (_source, text: string) => void complaints.push(text))
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const complain = (window as unknown as { complain: (text: string) => void }).complain
          complain(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)
        })
      })
      const page = await tab(context, complaints, path)
      return { page, context, complaints, close: () => context.close() }
    },
    async picture(page, name) {
      await page.screenshot({ path: join(pictures, `${name}.png`) })
    },
    async close() {
      await browser.close()
      await served.close()
    },
  }
}

/** What a person reads of an element. */
export async function words(locator: Locator): Promise<string> {
  await locator.first().waitFor()
  return (await locator.allInnerTexts()).join('\n').replace(/\s+/g, ' ')
}

/** Targets that are lower than 40 px, as a finger finds them. */
export async function smallestTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const small: string[] = []
    for (const element of document.querySelectorAll<HTMLElement>(
      'button, a[href], select, summary, input:not(.hidden)',
    )) {
      const box = element.getBoundingClientRect()
      if (box.width === 0 || getComputedStyle(element).visibility === 'hidden') continue
      // Numbers in running text are exempt (WCAG 2.5.8, inline), and some targets reach beyond what is seen.
      if (element.closest('p')) continue
      const after = getComputedStyle(element, '::after')
      const reach = after.content === 'none' ? 0 : -Number.parseFloat(after.top) || 0
      const label = element.closest('label')?.getBoundingClientRect()
      const height = Math.max(box.height + 2 * reach, label?.height ?? 0)
      if (height < 40) small.push(`${element.tagName} ${element.textContent} ${height}`)
    }
    return small
  })
}
