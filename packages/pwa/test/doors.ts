import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { Opened } from './browser.js'
import type { Deployment, operator } from './deployment.js'

type Person = typeof operator

/**
 * The browser's own log of what the services refuse: the app says it in words. And a redirect to the provider that it
 * was told not to follow; that it did not is for the provider to say.
 */
const refusals =
  /status of (401|403|404|429)|ERR_INTERNET_DISCONNECTED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|left this machine: http:\/\/127\.0\.0\.1:\d+\/authorize/

/** What a page complained of, beyond what was refused on purpose. */
export const unexpected = ({ complaints }: Pick<Opened, 'complaints'>): string[] =>
  complaints.filter((text) => !refusals.test(text))

/** Fills in the sign-in. */
export async function signInAs(page: Page, { name, password }: Person): Promise<void> {
  await page.getByRole('textbox', { name: 'Name or e-mail address' }).fill(name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Waits for the app itself. */
export const inside = (page: Page): Promise<void> => page.getByRole('navigation', { name: 'Screens' }).waitFor()

/** Waits for the sign-in. */
export const outside = (page: Page): Promise<void> => page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()

/** One more person with an account. */
export async function newcomer({ here, invite }: Deployment): Promise<Person> {
  const who = { name: `guest-${randomBytes(4).toString('hex')}`, password: 'twelve steps up the hill' }
  const answer = await fetch(`${here.services.addresses.neuros}/v1/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...who, invitation: await invite() }),
  })
  if (answer.status !== 201) throw new Error(await answer.text())
  return who
}
