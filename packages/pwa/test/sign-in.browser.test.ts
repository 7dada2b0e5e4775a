import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenAiServer, startOpenAiServer } from '../../core/src/testing/openai-server.js'
import { lowContrast, nameless } from './accessible.js'
import { createTheatre, smallestTargets, type Theatre } from './browser.js'
import { type Deployment, operator, startDeployment } from './deployment.js'
import { inside, newcomer, outside, signInAs, unexpected } from './doors.js'

const minute = 60_000
/** Access tokens live ten minutes, and half a minute of difference between clocks is forgiven. */
const LIFE = 11 * minute
const PART = 4 * 1024 * 1024

describe('signing in', () => {
  let stage: Theatre & { served: Deployment }
  let model: OpenAiServer
  beforeAll(async () => {
    // It begins to answer, and never ends.
    model = await startOpenAiServer([{ kind: 'stalls', chunks: ['Let me'] }])
    stage = await createTheatre((folder) =>
      startDeployment(folder, { AUREN_MODEL: 'slow', AUREN_MODEL_URL: model.url, AUREN_MODEL_KEY: 'k' }),
    )
  })
  afterAll(async () => {
    await stage?.close()
    await model?.close()
  })

  const open = async (who: typeof operator = operator, path = '/') => {
    const opened = await stage.open({ path })
    await signInAs(opened.page, who)
    await inside(opened.page)
    return opened
  }
  /** Everything that scripts of this origin can read again, and what the address bar shows. */
  const readable = (page: Page) =>
    page.evaluate(async () => ({
      address: location.href,
      cookies: document.cookie,
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: (await indexedDB.databases()).map(({ name }) => name),
      cached: (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))
        .flat()
        .map(({ url }) => new URL(url).pathname),
    }))
  /** Refreshes of a browser, with whether two were ever under way at once. */
  const watchRefreshes = (context: BrowserContext) => {
    const seen = { statuses: [] as number[], atOnce: 0, most: 0 }
    const isRefresh = (url: string, method: string) => url.endsWith('/v1/auth/refresh') && method === 'POST'
    context.on('request', (request) => {
      if (!isRefresh(request.url(), request.method())) return
      seen.atOnce += 1
      seen.most = Math.max(seen.most, seen.atOnce)
    })
    context.on('response', (response) => {
      if (!isRefresh(response.url(), response.request().method())) return
      seen.atOnce -= 1
      seen.statuses.push(response.status())
    })
    return seen
  }

  it.each([
    ['phone', 'light'],
    ['phone', 'dark'],
    ['desktop', 'light'],
    ['desktop', 'dark'],
  ] as const)('is asked for in words and colours that everybody can use: %s, %s', async (size, scheme) => {
    const opened = await stage.open({ size, scheme })
    const { page, close } = opened
    await outside(page)
    await page.getByRole('button', { name: 'Continue with your provider' }).waitFor()
    expect(stage.served.provider.requests).not.toContain('/authorize')
    expect(await page.title()).toBe('Sign in · AUREN')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Sign in')
    await stage.picture(page, `sign-in-${size}-${scheme}`)
    expect(await smallestTargets(page)).toEqual([])
    expect(await page.evaluate(nameless)).toEqual([])
    expect(await page.evaluate(lowContrast)).toEqual([])
    // Wrong: said beside the button, and read out.
    await signInAs(page, { name: `nobody-${size}-${scheme}`, password: 'not the password at all' })
    const alert = page.getByRole('alert')
    await alert.getByText('The name or the password is not right.').waitFor()
    await stage.picture(page, `sign-in-wrong-${size}-${scheme}`)
    expect(await page.evaluate(lowContrast)).toEqual([])
    await page.getByRole('button', { name: 'I have an invitation' }).click()
    await page.getByRole('heading', { level: 1, name: 'Make your account' }).waitFor()
    await stage.picture(page, `sign-up-${size}-${scheme}`)
    expect([await page.evaluate(nameless), await smallestTargets(page)]).toEqual([[], []])
    expect(await page.evaluate(lowContrast)).toEqual([])
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('works by key alone', async () => {
    const { page, close } = await stage.open()
    await outside(page)
    await page.keyboard.press('Tab')
    await page.keyboard.type(operator.name)
    await page.keyboard.press('Tab')
    await page.keyboard.type(operator.password)
    await page.keyboard.press('Enter')
    await inside(page)
    await close()
  })

  it('says after too many attempts how long to wait, and when the device is offline', async () => {
    const who = await newcomer(stage.served)
    const { page, context, close } = await stage.open()
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await signInAs(page, { ...who, password: `wrong ${attempt}` })
      await page.getByText('The name or the password is not right.').waitFor()
      await page.getByRole('textbox', { name: 'Password' }).fill('')
    }
    // The right one does not help any more.
    await signInAs(page, who)
    await page.getByText(/^Too many attempts\. Try again in 1[45] minutes\.$/).waitFor()
    await stage.picture(page, 'sign-in-too-many-desktop-light')
    await context.setOffline(true)
    await page.getByText('This device is offline.').waitFor()
    await signInAs(page, who)
    await page.getByText('AUREN does not answer.').waitFor()
    await close()
  })

  it('makes an account by a link, which the address does not keep; no token is where scripts or people find it', async () => {
    const invitation = await stage.served.invite()
    const opened = await stage.open({ path: `/#invite=${invitation}`, size: 'phone' })
    const { page, close } = opened
    await page.getByRole('heading', { level: 1, name: 'Make your account' }).waitFor()
    expect(page.url()).not.toContain(invitation)
    await stage.picture(page, 'invited-phone-light')
    await page.getByRole('textbox', { name: 'Name or e-mail address' }).fill('grace@example.org')
    await page.getByRole('textbox', { name: 'Password' }).fill('nanoseconds of wire')
    const answered = page.waitForResponse(/\/v1\/auth\/signup$/)
    await page.getByRole('button', { name: 'Make the account' }).click()
    const { accessToken } = (await (await answered).json()) as { accessToken: string }
    await inside(page)
    const kept = await readable(page)
    expect(kept.local).toEqual({ 'auren.session': 'in' })
    expect([kept.cookies, kept.session, kept.databases]).toEqual(['', {}, []])
    expect(kept.address).toBe(`${stage.served.address}/`)
    for (const secret of [accessToken, invitation, 'grace', 'nanoseconds'])
      expect(JSON.stringify(kept)).not.toContain(secret)
    // Used up: it makes no second account.
    const second = await stage.open({ path: `/#invite=${invitation}` })
    await second.page.getByRole('textbox', { name: 'Name or e-mail address' }).fill('another')
    await second.page.getByRole('textbox', { name: 'Password' }).fill('nanoseconds of wire')
    await second.page.getByRole('button', { name: 'Make the account' }).click()
    await second.page.getByText('This invitation does not hold (any more)').waitFor()
    await second.close()
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('outlives a reload by the cookie, without asking for anything twice', async () => {
    const { page, context, close } = await open()
    const seen = watchRefreshes(context)
    const refused: string[] = []
    page.on('response', (response) => {
      if (response.status() === 401) refused.push(response.url())
    })
    await page.reload()
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
    await page.getByText('Nothing has been measured yet').waitFor()
    expect([seen.statuses, refused]).toEqual([[200], []])
    await close()
  })

  it('goes on with an answer by its last part when the token ends in the middle of it', async () => {
    const opened = await open(operator, '/#/ask')
    const { page, context, close } = opened
    await page.getByRole('link', { name: 'Ask' }).click()
    const seen = watchRefreshes(context)
    const resumed: { last: string | undefined; status: number }[] = []
    page.on('response', (response) => {
      if (/\/runs\/[^/]+\/stream$/.test(response.url()))
        resumed.push({ last: response.request().headers()['last-event-id'], status: response.status() })
    })
    await page
      .getByRole('textbox', { name: 'Your question' })
      .fill('How have my mornings felt since I moved to the mountains?')
    await page.keyboard.press('Enter')
    await expect.poll(() => model.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Stop the answer' }).waitFor()
    stage.served.pass(LIFE)
    expect(stage.served.cut()).toBe(1)
    await expect.poll(() => resumed.length, { timeout: 20_000 }).toBe(2)
    const [first, second] = resumed
    expect(first?.status).toBe(401)
    expect(second?.status).toBe(200)
    expect(first?.last).toMatch(/./)
    expect(second?.last).toBe(first?.last)
    expect(seen.statuses).toEqual([200])
    await page.getByRole('button', { name: 'Stop the answer' }).click()
    await page.getByText('You stopped this answer.').waitFor()
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('goes on with an upload when the token ends between its parts', async () => {
    const opened = await open(await newcomer(stage.served))
    const { page, context, close } = opened
    await page.getByRole('link', { name: 'Data', exact: true }).click()
    const file = join(mkdtempSync(join(tmpdir(), 'auren-sign-in-')), 'export.zip')
    writeFileSync(file, randomBytes(2 * PART + 321))
    const seen = watchRefreshes(context)
    const parts: string[] = []
    page.on('response', (response) => {
      if (response.request().method() === 'PUT')
        parts.push(`${new URL(response.url()).searchParams.get('offset')} ${response.status()}`)
    })
    let passed = false
    await page.route(/\/parts\?offset=[1-9]/, (route) => {
      if (!passed) stage.served.pass(LIFE)
      passed = true
      return route.continue()
    })
    await page.locator('input[type=file]').setInputFiles(file)
    await expect.poll(() => parts, { timeout: 20_000 }).toContain(`${2 * PART} 200`)
    expect(parts).toEqual(['0 200', `${PART} 401`, `${PART} 200`, `${2 * PART} 200`])
    expect(seen.statuses).toEqual([200])
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('is renewed shortly before its end, so that nothing is refused', async () => {
    const { page, context, close } = await open()
    // The page's own time: that of this process has been moved.
    await context.clock.install({ time: await page.evaluate(() => Date.now()) })
    const seen = watchRefreshes(context)
    const refused: number[] = []
    page.on('response', (response) => refused.push(response.status()))
    await page.getByRole('link', { name: 'Memory' }).click()
    await page.getByRole('heading', { level: 1, name: 'Memory' }).waitFor()
    expect(seen.statuses).toEqual([])
    await context.clock.fastForward(9.5 * minute)
    await page.getByRole('link', { name: 'Data', exact: true }).click()
    await page.getByText('Nothing has been imported yet.').waitFor()
    expect(seen.statuses).toEqual([200])
    expect(refused).not.toContain(401)
    await close()
  })

  it('renews once for all requests of a tab, and one tab after the other', async () => {
    const { page, context, complaints, close } = await open()
    const other = await stage.tab(context, complaints)
    await other.getByText('Nothing has been measured yet').waitFor()
    const seen = watchRefreshes(context)
    stage.served.pass(LIFE)
    // The screen asks for several things at once, in both tabs.
    let refused = 0
    context.on('response', (response) => {
      if (response.status() === 401) refused += 1
    })
    await Promise.all([page, other].map((one) => one.getByRole('link', { name: 'You', exact: true }).click()))
    await Promise.all([page, other].map((one) => one.getByRole('list', { name: 'Sign-ins' }).waitFor()))
    await Promise.all([page, other].map((one) => one.getByRole('list', { name: 'Consents' }).waitFor()))
    await expect.poll(() => seen.statuses).toEqual([200, 200])
    expect(seen.most).toBe(1)
    expect(refused).toBeGreaterThan(2)
    await close()
  })

  it('ends in all tabs, and leaves nothing to whoever comes next', async () => {
    const first = await newcomer(stage.served)
    const second = await newcomer(stage.served)
    const opened = await open(first)
    const { page, context, complaints, close } = opened
    const other = await stage.tab(context, complaints)
    await inside(other)
    await page.getByRole('link', { name: 'Memory' }).click()
    await page.getByRole('textbox').first().fill('CANARY-7f3 keeps bees')
    await page.getByRole('textbox').first().press('Enter')
    await page.getByText('CANARY-7f3').first().waitFor()
    await other.getByRole('link', { name: 'Memory' }).click()
    await other.getByText('CANARY-7f3').first().waitFor()
    // Something of a person where a page could leave it.
    await page.evaluate(async () => {
      localStorage.setItem('auren.upload', 'CANARY-7f3')
      sessionStorage.setItem('auren.run', 'CANARY-7f3')
      await (await caches.open('answers')).put('/api/neuros/v1/today', new Response('CANARY-7f3'))
      await new Promise((resolve) => {
        indexedDB.open('CANARY-7f3').onsuccess = (event) => {
          ;(event.target as IDBOpenDBRequest).result.close()
          resolve(undefined)
        }
      })
    })
    await page.getByRole('link', { name: 'You', exact: true }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await outside(page)
    await outside(other)
    await page.getByText('You are signed out.').waitFor()
    await stage.picture(page, 'signed-out-desktop-light')
    for (const one of [page, other]) {
      await expect.poll(async () => (await readable(one)).databases).toEqual([])
      const kept = await readable(one)
      expect(kept.local).toEqual({ 'auren.session': 'out' })
      expect([kept.session, kept.cached.filter((path) => path.startsWith('/api/'))]).toEqual([{}, []])
      expect(JSON.stringify(kept)).not.toContain('CANARY')
      expect(await one.content()).not.toContain('CANARY')
    }
    // Nor by the way back.
    await page.goBack()
    await outside(page)
    expect(await page.content()).not.toContain('CANARY')
    expect((await context.cookies()).map(({ name }) => name)).toEqual([])

    await signInAs(page, second)
    await inside(page)
    // The other tab comes along, as the same person.
    await inside(other)
    for (const one of [page, other]) {
      await one.getByRole('link', { name: 'Memory' }).click()
      await one.getByRole('heading', { level: 1, name: 'Memory' }).waitFor()
      await one
        .getByText('AUREN remembers nothing yet')
        .or(one.getByText(/nothing/i))
        .first()
        .waitFor()
      expect(await one.content()).not.toContain('CANARY')
    }
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('drops what a tab shows when somebody else has signed in behind its back', async () => {
    const first = await newcomer(stage.served)
    const opened = await open(first)
    const { page, context, close } = opened
    await page.getByRole('link', { name: 'Memory' }).click()
    await page.getByRole('textbox').first().fill('CANARY-8a1 sings')
    await page.getByRole('textbox').first().press('Enter')
    await page.getByText('CANARY-8a1').first().waitFor()
    // Another person's cookie takes the place of the first one's, and no tab was told.
    const second = await newcomer(stage.served)
    const answer = await context.request.post(`${stage.served.address}/api/neuros/v1/auth/login`, {
      data: second,
      headers: { origin: stage.served.address },
    })
    expect(answer.status()).toBe(200)
    stage.served.pass(LIFE)
    const bodies: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') bodies.push(request.postData() ?? '')
    })
    await page.getByRole('textbox').first().fill('of the first one')
    await page.getByRole('textbox').first().press('Enter')
    // It begins anew, as the second person; nothing of the first was sent in their name.
    await expect.poll(() => page.getByText('CANARY-8a1').count()).toBe(0)
    await inside(page)
    await page.getByRole('link', { name: 'Memory' }).click()
    await page
      .getByText(/nothing/i)
      .first()
      .waitFor()
    expect(await page.getByText('of the first one').count()).toBe(0)
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('ends also where the service cannot be told at once', async () => {
    const who = await newcomer(stage.served)
    const { page, context, close } = await open(who)
    // The worker has to be there for a page without a network.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await page.reload()
    await inside(page)
    await page.getByRole('link', { name: 'You', exact: true }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
    const cookie = (await context.cookies())[0]
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await outside(page)
    expect((await readable(page)).local).toEqual({ 'auren.session': 'ending' })
    await page.reload()
    await outside(page)
    await context.setOffline(false)
    await expect.poll(async () => (await readable(page)).local).toEqual({ 'auren.session': 'out' })
    // The sign-in has ended at the service, not only here.
    const answer = await fetch(`${stage.served.here.services.addresses.neuros}/v1/auth/refresh`, {
      method: 'POST',
      headers: { origin: stage.served.address, cookie: `${cookie?.name}=${cookie?.value}` },
    })
    expect(answer.status).toBe(401)
    await close()
  })

  it('goes by way of a provider, and comes back into the app also where it is refused', async () => {
    const { provider } = stage.served
    provider.subject = 'someone-new'
    const opened = await stage.open()
    const { page, context, close } = opened
    await page.getByRole('button', { name: 'Continue with your provider' }).click()
    // Nobody invited them.
    await page.getByText('You were not let in: the first time you need an invitation that still holds.').waitFor()
    expect(page.url()).toBe(`${stage.served.address}/`)
    expect(await context.cookies()).toEqual([])
    await stage.picture(page, 'provider-refused-desktop-light')
    await page.getByRole('button', { name: 'I have an invitation' }).click()
    await page
      .getByRole('textbox', { name: 'Invitation' })
      .fill(`${stage.served.address}/#invite=${await stage.served.invite()}`)
    await page.getByRole('button', { name: 'Continue with your provider' }).click()
    await inside(page)
    await page.getByText('Nothing has been measured yet').waitFor()
    expect((await readable(page)).local).toEqual({ 'auren.session': 'provider' })
    await page.getByRole('link', { name: 'You', exact: true }).click()
    await page.getByText('your password is changed there').waitFor()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await outside(page)
    // Known from now on.
    await page.getByRole('button', { name: 'Continue with your provider' }).click()
    await inside(page)
    expect(unexpected(opened)).toEqual([])
    await close()
  })
})
