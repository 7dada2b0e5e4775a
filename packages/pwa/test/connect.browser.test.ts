import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NightscoutServer, startNightscout } from '../../plugins/test/servers/nightscout.js'
import { lowContrast, nameless } from './accessible.js'
import { createTheatre, smallestTargets, type Theatre } from './browser.js'
import { type Deployment, operator, startDeployment } from './deployment.js'
import { inside, signInAs, unexpected } from './doors.js'

let site: NightscoutServer
let stage: Theatre & { served: Deployment }
beforeAll(async () => {
  site = await startNightscout()
  stage = await createTheatre((folder) =>
    startDeployment(folder, {
      NIGHTSCOUT_PRIVATE_SITES: site.url,
      HEALTH_AUTO_EXPORT_SECRET: 'of this test, and as long as one has to be',
    }),
  )
})
afterAll(async () => {
  await stage?.close()
  await site?.close()
})

const open = async (options: Parameters<Theatre['open']>[0] = {}) => {
  const opened = await stage.open(options)
  await signInAs(opened.page, operator)
  await inside(opened.page)
  await opened.page.getByRole('link', { name: 'Data', exact: true }).click()
  await opened.page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
  return opened
}
const begun = () =>
  stage.served.arrived.filter(({ method, path }) => method === 'POST' && path.includes('/connections/nightscout'))

describe('connecting a site of one’s own', () => {
  it.each([
    ['phone', 'dark'],
    ['desktop', 'light'],
  ] as const)(
    'a token that the site refuses is the site’s word, and not the end of the sign-in: %s, %s',
    async (size, scheme) => {
      const opened = await open({ size, scheme })
      const { page, close } = opened
      stage.served.arrived.length = 0
      await page.getByRole('button', { name: 'Connect Nightscout' }).click()
      await page.getByLabel('Address of your site').fill(site.url)
      await page.getByLabel('Access token').fill('reader-0000000000000000')
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByText('Nightscout does not accept the token').waitFor()
      await stage.picture(page, `connect-${size}-${scheme}`)
      expect([await smallestTargets(page), await page.evaluate(nameless)]).toEqual([[], []])
      expect(await page.evaluate(lowContrast)).toEqual([])
      expect(begun().map(({ status }) => status)).toEqual([422])
      expect(stage.served.arrived.filter(({ path }) => path.includes('/auth/refresh'))).toEqual([])
      expect(await page.getByLabel('Access token').getAttribute('type')).toBe('password')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
      await close()
    },
  )

  it('a 401 that is not ours is shown once, and asked once', async () => {
    const { page, close } = await open()
    let asked = 0
    await page.route('**/connections/nightscout', (route) => {
      asked++
      return route.fulfill({ status: 401, contentType: 'text/plain', body: 'a proxy wants to know who you are' })
    })
    await page.getByRole('button', { name: 'Connect Nightscout' }).click()
    await page.getByLabel('Address of your site').fill(site.url)
    await page.getByLabel('Access token').fill(site.token)
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await page.getByText('The service answered with status 401').waitFor()
    expect(asked).toBe(1)
    await close()
  })

  it('the right one connects it, and it can be fetched from and ended', async () => {
    const opened = await open()
    const { page, close } = opened
    await page.getByRole('button', { name: 'Connect Nightscout' }).click()
    await page.getByLabel('Address of your site').fill(site.url)
    await page.getByLabel('Access token').fill(site.token)
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await page.getByText('What it has is being fetched.').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText(/^Connected, /).waitFor()
    expect(await page.getByRole('button', { name: 'Connect Nightscout' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('button', { name: 'Connect Nightscout' }).waitFor()
    expect(unexpected(opened)).toEqual([])
    await close()
  })
})

it('an app that sends by itself is given its address, which can be shown again', async () => {
  const opened = await open()
  const { page, close } = opened
  await page.getByRole('button', { name: 'Connect Health Auto Export' }).click()
  await page.getByRole('button', { name: 'Show the address' }).click()
  const address = page.getByRole('textbox', { name: 'Address' })
  await address.waitFor()
  const first = await address.inputValue()
  expect(first).toMatch(/\/webhooks\/health-auto-export\?key=./)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Show the address' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Show the address' }).click()
  expect(await address.inputValue()).toBe(first)
  expect(unexpected(opened)).toEqual([])
  await close()
})
