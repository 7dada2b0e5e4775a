import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lowContrast, nameless } from './accessible.js'
import { createStage, type Stage } from './browser.js'

describe('the shell', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await createStage()
  })
  afterAll(() => stage?.close())

  it('loads at most 150 KiB before the first screen is there, and no chart', async () => {
    const { page, close } = await stage.open()
    await page.getByRole('article').first().waitFor()
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
    )
    const assets = loaded.filter((path) => /\.(js|css)$/.test(path) && path !== '/sw.js')
    expect(assets.length).toBeGreaterThan(1)
    expect(assets.filter((path) => path.includes('chart'))).toEqual([])
    const sizes = ['/index.html', ...assets].map(
      (path) => gzipSync(readFileSync(join(stage.folder, path)), { level: 9 }).length,
    )
    const kib = sizes.reduce((sum, size) => sum + size, 0) / 1024
    console.log(`first load: ${kib.toFixed(1)} KiB gz`)
    expect(kib).toBeLessThanOrEqual(150)
    await close()
  })

  it('is gone through by key alone, with the focus to be seen', async () => {
    const { page, complaints, close } = await stage.open()
    await page.getByRole('article').first().waitFor()
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const { outlineStyle, outlineWidth } = getComputedStyle(element)
        return {
          text: element.textContent?.trim() ?? '',
          ring: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
        }
      })
    // A new screen takes the focus to its heading; from there on by Tab.
    expect((await focused()).text).toBe('Sunday 22 November')
    await page.keyboard.press('Tab')
    expect(await focused()).toEqual({ text: 'Time asleep: open the chart', ring: true })
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Time asleep' }).waitFor()
    await page.keyboard.press('Escape')
    expect((await focused()).text).toBe('Time asleep: open the chart')
    // Backwards: the last link of the navigation, and at the beginning of the page the way past it.
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    for (let step = 0; step < 10 && (await focused()).text !== 'Skip to content'; step += 1) {
      expect((await focused()).ring).toBe(true)
      await page.keyboard.press('Shift+Tab')
    }
    expect(await focused()).toEqual({ text: 'Skip to content', ring: true })
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
    expect(complaints).toEqual([])
    await close()
  })

  it('has the landmarks and names that a screen reader goes by, on every screen', async () => {
    const { page, complaints, close } = await stage.open()
    for (const [link, heading] of [
      ['Ask', 'Ask'],
      ['Data', 'Data'],
      ['Memory', 'Memory'],
      ['You', 'You'],
      ['Today', 'Sunday 22 November'],
    ] as const) {
      await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: link }).click()
      await page.getByRole('main').getByRole('heading', { level: 1, name: heading }).waitFor()
      expect(await page.getByRole('link', { name: link }).getAttribute('aria-current')).toBe('page')
      expect(await page.title()).toBe(`${heading} · AUREN`)
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      expect(await page.evaluate(nameless)).toEqual([])
    }
    expect(complaints).toEqual([])
    await close()
  })

  it('has colours of enough contrast where text really stands', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, close } = await stage.open({ scheme })
      await page.getByRole('article').first().waitFor()
      expect(await page.evaluate(lowContrast)).toEqual([])
      await close()
    }
  })

  it('changes its shade when told, and stays so', async () => {
    const { page, complaints, close } = await stage.open({ scheme: 'light', path: '/#/you' })
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByRole('radio', { name: 'Dark' }).check()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    await page.getByRole('radio', { name: 'Dark' }).waitFor()
    expect(await ground()).toBe(dark)
    await page.getByRole('radio', { name: 'As this device' }).check()
    expect(await ground()).toBe(light)
    expect(complaints).toEqual([])
    await close()
  })

  it('opens offline, says so, and keeps nothing of the person', async () => {
    const { page, context, close } = await stage.open()
    await page.getByRole('article').first().waitFor()
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    // The worker that was just installed takes the next page.
    await page.reload()
    await page.getByRole('article').first().waitFor()
    const kept = await page.evaluate(async () => {
      const names = await caches.keys()
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
      return {
        cached: requests.flat().map(({ url }) => new URL(url).pathname),
        databases: (await indexedDB.databases()).map(({ name }) => name),
        local: Object.keys(localStorage),
      }
    })
    expect(kept.cached).toContain('/index.html')
    expect(kept.cached.filter((path) => path.startsWith('/api/'))).toEqual([])
    expect([kept.databases, kept.local]).toEqual([[], []])
    await context.setOffline(true)
    await page.reload()
    await page.getByText('This device is offline.').waitFor()
    await page.getByRole('alert').waitFor()
    expect(await page.getByText('61.2 bpm').count()).toBe(0)
    await stage.picture(page, 'offline-desktop-light')
    await close()
  })

  it('can be installed', async () => {
    const manifest = JSON.parse(readFileSync(join(stage.folder, 'manifest.webmanifest'), 'utf8'))
    expect(manifest).toMatchObject({ name: 'AUREN', display: 'standalone', start_url: '/' })
    const files = readdirSync(stage.folder)
    for (const { src } of manifest.icons) expect(files).toContain(src.slice(1))
    const { page, close } = await stage.open()
    const session = await page.context().newCDPSession(page)
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    const { errors } = await session.send('Page.getAppManifest')
    expect(errors).toEqual([])
    await close()
  })

  it('lets answers and event streams pass the worker by', async () => {
    const { page, close } = await stage.open()
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    const answers: { path: string; worker: boolean }[] = []
    page.on('response', (one) => answers.push({ path: new URL(one.url()).pathname, worker: one.fromServiceWorker() }))
    await page.reload()
    await page.getByRole('article').first().waitFor()
    await page.getByRole('link', { name: 'Ask' }).click()
    await page.getByRole('button', { name: 'How did I sleep last week?' }).click()
    await page.getByText('Your mean resting heart rate was').waitFor()
    const served = (part: string) => answers.filter(({ path }) => path.includes(part)).map(({ worker }) => worker)
    // The worker is at work: the shell comes from it, and nothing that is about the person does.
    expect(served('/assets/')).toContain(true)
    expect(served('/v1/today')).toEqual([false])
    expect(served('/messages')).toEqual([false])
    expect(served('/api/')).not.toContain(true)
    // The person of this machine is let in without being asked who they are.
    expect(served('/v1/auth/')).toEqual([])
    await close()
  })
})
