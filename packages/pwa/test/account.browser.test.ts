import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lowContrast, nameless } from './accessible.js'
import { createTheatre, smallestTargets, type Theatre } from './browser.js'
import { type Deployment, operator, startDeployment } from './deployment.js'
import { inside, newcomer, outside, signInAs, unexpected } from './doors.js'

let stage: Theatre & { served: Deployment }
beforeAll(async () => {
  stage = await createTheatre(startDeployment)
})
afterAll(() => stage?.close())

type Options = Parameters<Theatre['open']>[0]
const open = async (who = operator, options: Options = {}) => {
  const opened = await stage.open(options)
  await signInAs(opened.page, who)
  await inside(opened.page)
  await opened.page.getByRole('link', { name: 'You', exact: true }).click()
  await opened.page.getByRole('list', { name: 'Sign-ins' }).waitFor()
  await opened.page.getByRole('list', { name: 'Consents' }).waitFor()
  await opened.page
    .getByText('No program has a token.')
    .or(opened.page.getByRole('list', { name: 'Tokens' }))
    .waitFor()
  return opened
}
const api = (path: string, token: string, method = 'GET') =>
  fetch(`${stage.served.here.services.addresses.neuros}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  })

describe('the account', () => {
  it.each([
    ['phone', 'light'],
    ['phone', 'dark'],
    ['desktop', 'light'],
    ['desktop', 'dark'],
  ] as const)('is looked after by everybody: %s, %s', async (size, scheme) => {
    const opened = await open(operator, { size, scheme })
    const { page, close } = opened
    const whole = async (name: string) => {
      // Taller than the window, so that the whole screen is seen at once.
      const { width = 0, height = 0 } = page.viewportSize() ?? {}
      await page.setViewportSize({ width, height: 2600 })
      await stage.picture(page, name)
      await page.setViewportSize({ width, height })
    }
    await page.getByText('Change the password').first().click()
    await whole(`account-${size}-${scheme}`)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    expect([await smallestTargets(page), await page.evaluate(nameless)]).toEqual([[], []])
    expect(await page.evaluate(lowContrast)).toEqual([])
    await page.getByRole('button', { name: 'Make a token …' }).click()
    await stage.picture(page, `account-token-${size}-${scheme}`)
    expect([await smallestTargets(page), await page.evaluate(nameless)]).toEqual([[], []])
    expect(await page.evaluate(lowContrast)).toEqual([])
    await page.keyboard.press('Escape')
    // Every heading is one level below the one before at most.
    const levels = await page.evaluate(() =>
      [...document.querySelectorAll('main h1, main h2, main h3')].map(({ tagName }) => Number(tagName[1])),
    )
    expect(levels.every((level, i) => level <= (levels[i - 1] ?? 0) + 1)).toBe(true)
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('makes a token with scope and end, shows it once, and revokes it', async () => {
    const opened = await open(await newcomer(stage.served))
    const { page, context, close } = opened
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Make a token …' }).click()
    await page.getByRole('textbox', { name: 'Which program is it for?' }).fill('grafana')
    // Nobody gives what they do not have.
    expect(await page.getByRole('checkbox', { name: 'Operate' }).count()).toBe(0)
    await page.getByRole('combobox', { name: 'Works for' }).selectOption('30 days')
    await page.getByRole('button', { name: 'Make the token' }).click()
    const field = page.getByRole('textbox', { name: 'Token of “grafana”' })
    const token = await field.inputValue()
    expect(token).toMatch(/^auren_pat_[\w-]{43}$/)
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token)
    await stage.picture(page, 'account-token-made-desktop-light')
    await page.getByRole('button', { name: 'Done' }).click()
    expect(await page.content()).not.toContain(token)
    expect((await api('/v1/today', token)).status).toBe(200)
    expect((await api('/v1/memories', token, 'POST')).status).toBe(403)
    await page.getByRole('list', { name: 'Tokens' }).getByText('reads your data').waitFor()
    await page.getByRole('button', { name: 'Revoke the token “grafana”' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText(/^revoked /).waitFor()
    expect((await api('/v1/today', token)).status).toBe(401)
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('changes the password, which signs every other browser out', async () => {
    const who = await newcomer(stage.served)
    const elsewhere = await open(who)
    const opened = await open(who)
    const { page, close } = opened
    expect(await page.getByRole('list', { name: 'Sign-ins' }).getByRole('listitem').count()).toBe(3)
    await page.getByText('Change the password').first().click()
    const change = async (current: string, next: string) => {
      await page.getByRole('textbox', { name: 'Current password' }).fill(current)
      await page.getByRole('textbox', { name: 'New password' }).fill(next)
      await page.getByRole('button', { name: 'Change the password' }).click()
    }
    await change('not the current one', 'a quite different sentence')
    await page.getByText('The current password is not right.').waitFor()
    await change(who.password, 'a quite different sentence')
    await page.getByText('The password was changed.').waitFor()
    await expect.poll(() => page.getByRole('list', { name: 'Sign-ins' }).getByRole('listitem').count()).toBe(1)
    await elsewhere.page.getByRole('link', { name: 'Memory' }).click()
    await outside(elsewhere.page)
    await elsewhere.page.getByText('This sign-in has ended').waitFor()
    await signInAs(elsewhere.page, { ...who, password: 'a quite different sentence' })
    await inside(elsewhere.page)
    // Out everywhere: both.
    await page.getByRole('button', { name: 'Sign out everywhere …' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
    await outside(page)
    await elsewhere.page.getByRole('link', { name: 'Memory' }).click()
    await outside(elsewhere.page)
    expect([...unexpected(opened), ...unexpected(elsewhere)]).toEqual([])
    await elsewhere.close()
    await close()
  })

  it('withdraws a consent, and gives it again', async () => {
    const opened = await open(await newcomer(stage.served))
    const { page, close } = opened
    const model = page.getByRole('checkbox', { name: 'A language model may help with answers' })
    expect(await model.isChecked()).toBe(true)
    await model.click()
    await page.getByText(/^Withdrawn /).waitFor()
    expect(await model.isChecked()).toBe(false)
    await page.reload()
    await page.getByText(/^Withdrawn /).waitFor()
    expect(await model.isChecked()).toBe(false)
    await model.click()
    await page.getByText(/^Allowed /).waitFor()
    expect(await model.isChecked()).toBe(true)
    expect(unexpected(opened)).toEqual([])
    await close()
  })

  it('invites somebody by a link, which makes one account', async () => {
    const { page, close } = await open()
    await page.getByRole('button', { name: 'Invite somebody …' }).click()
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue()
    await stage.picture(page, 'account-invite-desktop-light')
    await close()
    const guest = await stage.open({ path: link.slice(stage.served.address.length) })
    await guest.page.getByRole('textbox', { name: 'Name or e-mail address' }).fill('invited')
    await guest.page.getByRole('textbox', { name: 'Password' }).fill('a guest with a key')
    await guest.page.getByRole('button', { name: 'Make the account' }).click()
    await inside(guest.page)
    await guest.page.getByRole('link', { name: 'You', exact: true }).click()
    await guest.page.getByRole('list', { name: 'Sign-ins' }).waitFor()
    expect(await guest.page.getByRole('button', { name: 'Invite somebody …' }).count()).toBe(0)
    await guest.close()
  })

  it('exports everything, then erases everything, and the name is free again', async () => {
    const who = await newcomer(stage.served)
    const opened = await open(who)
    const { page, context, close } = opened
    await page.getByRole('combobox', { name: 'Units' }).selectOption('imperial')
    await page.getByRole('spinbutton', { name: 'Resting heart rate, bpm' }).fill('52')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.getByRole('checkbox', { name: 'AUREN may look for patterns by itself' }).click()
    await page.getByText(/^Withdrawn /).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export everything' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('auren-export.ndjson')
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
    const items = lines.map((line) => JSON.parse(line) as { type: string; item: unknown })
    expect(items.find(({ type }) => type === 'consent')?.item).toMatchObject({ purpose: 'consolidate', granted: false })
    await page.getByRole('button', { name: 'Erase everything …' }).click()
    await page.getByRole('textbox', { name: 'Type “erase everything”' }).fill('erase everything')
    await page.getByRole('dialog').getByRole('button', { name: 'Erase', exact: true }).click()
    await outside(page)
    await page.getByText('Everything about you has been erased').waitFor()
    expect((await context.cookies()).map(({ name }) => name)).toEqual([])
    await signInAs(page, who)
    await page.getByText('The name or the password is not right.').waitFor()
    expect(unexpected(opened)).toEqual([])
    await close()
  })
})

interface Attempt {
  mode: 'cors' | 'no-cors'
  credentials: 'include'
  method?: string
  headers?: Record<string, string>
  body?: string
}

describe('a page of another origin (C21)', () => {
  let evil: Server
  let port = 0
  beforeAll(async () => {
    evil = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>elsewhere</title>')
    })
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    port = (evil.address() as AddressInfo).port
  })
  afterAll(() => evil?.close())

  /** What a script there gets to know of a request to the services. */
  const attempt = (page: Page, path: string, init: Attempt) =>
    page.evaluate(
      async ([url, options]) => {
        const answer = await fetch(url, options).catch((error: Error) => error.name)
        return typeof answer === 'string' ? answer : `${answer.type} ${answer.status} ${await answer.text()}`
      },
      [`${stage.served.address}/api/neuros${path}`, init] as const,
    )

  it.each([
    ['of another site', '127.0.0.1'],
    ['of the same site, which browsers send the cookie for', 'localhost'],
  ])('%s can neither use the cookie, nor end it, nor put its own in the place', async (_what, host) => {
    const who = await newcomer(stage.served)
    const { page, context, complaints, close } = await open(who)
    const held = async () => (await context.cookies()).map(({ name, value }) => `${name}=${value}`)
    const elsewhere = await stage.tab(context, complaints)
    await elsewhere.getByText('Nothing has been measured yet').waitFor()
    const before = await held()
    expect(before).toHaveLength(1)
    await elsewhere.goto(`http://${host}:${port}/`)
    const from = stage.served.arrived.length
    const text = { 'content-type': 'text/plain' }
    const login = JSON.stringify(operator)
    for (const mode of ['no-cors', 'cors'] as const) {
      const shared = { mode, credentials: 'include' } as const
      const answers = [
        await attempt(elsewhere, '/v1/auth/refresh', { ...shared, method: 'POST' }),
        await attempt(elsewhere, '/v1/auth/refresh', { ...shared, method: 'POST', headers: text, body: '{}' }),
        await attempt(elsewhere, '/v1/auth/refresh', { ...shared, method: 'DELETE' }),
        await attempt(elsewhere, '/v1/auth/login', { ...shared, method: 'POST', headers: text, body: login }),
        await attempt(elsewhere, '/v1/auth/login', {
          ...shared,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: login,
        }),
        await attempt(elsewhere, '/v1/auth/me', shared),
      ]
      for (const answer of answers) expect(answer).toMatch(/^(opaque 0 ?$|TypeError$)/)
    }
    // A form needs no permission of the browser: its page shows what the service said.
    for (const [path, enctype] of [
      ['/v1/auth/refresh', 'application/x-www-form-urlencoded'],
      ['/v1/auth/login', 'text/plain'],
    ] as const) {
      const form = await context.newPage()
      await form.goto(`http://${host}:${port}/`)
      const answered = form.waitForResponse((response) => response.url().includes(path))
      await form.evaluate(
        ([action, type, body]) => {
          const forged = Object.assign(document.createElement('form'), { method: 'post', action, enctype: type })
          // `{"name":"…","password":"…","x":"="}`: what a form of plain text can make of JSON.
          const field = Object.assign(document.createElement('input'), {
            name: `${body.slice(0, -1)},"x":"`,
            value: '"}',
          })
          forged.append(field)
          document.body.append(forged)
          forged.submit()
        },
        [`${stage.served.address}/api/neuros${path}`, enctype, login] as const,
      )
      expect((await answered).status()).toBeGreaterThanOrEqual(400)
      await form.close()
    }
    const sent = stage.served.arrived.slice(from).filter(({ origin }) => origin !== stage.served.address)
    const refreshes = sent.filter(({ path, method }) => path.endsWith('/refresh') && method !== 'OPTIONS')
    // Two ways to fetch, each with and without a body, and the form.
    expect(refreshes.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
    // Where the browser does send the cookie, the origin alone is what refuses: that was really tried.
    expect(refreshes.map(({ cookie }) => cookie)).toEqual(refreshes.map(() => host === 'localhost'))
    const others = sent.filter(({ path, method }) => path.includes('/v1/') && method !== 'OPTIONS')
    expect(others.filter(({ status }) => status < 400)).toEqual([])
    // The person notices nothing: same cookie, same person.
    expect(await held()).toEqual(before)
    await page.reload()
    await inside(page)
    await page.getByRole('list', { name: 'Sign-ins' }).waitFor()
    await close()
  })
})

describe('what the app may load (C20)', () => {
  it('has no way for scripts of others, and no answer of a person that is kept', async () => {
    const opened = await open()
    const { page, close } = opened
    const headers = (await page.reload())?.headers() ?? {}
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|data:.*script/)
    const asked = page.waitForResponse(/\/v1\/auth\/sessions$/)
    await page.reload()
    expect((await asked).headers()['cache-control']).toBe('no-store')
    // A script, a style and a frame that somebody smuggled in.
    await page.evaluate(() => {
      const script = Object.assign(document.createElement('script'), { textContent: 'window.smuggled = 1' })
      document.body.append(script)
    })
    expect(await page.evaluate(() => (window as unknown as { smuggled?: number }).smuggled)).toBeUndefined()
    expect(unexpected(opened).filter((text) => !/script-src/.test(text))).toEqual([])
    await close()
  })
})
