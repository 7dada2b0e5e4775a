import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createStage, type Opened, type Stage, smallestTargets, words } from './browser.js'
import { HOSTILE } from './fake/answers.js'

const QUESTION = 'How is my resting heart rate?'

/** Parts of an answer up to the first sentence: three phases, a fact, the sentence. */
const FIRST_SENTENCE = 5

describe('asking', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await createStage()
  })
  afterAll(() => stage?.close())
  beforeEach(() => stage.fake.conversations.release())

  const askIn = async ({ page }: Opened, text: string) => {
    await page.getByRole('textbox', { name: 'Your question' }).fill(text)
    await page.getByRole('textbox', { name: 'Your question' }).press('Enter')
  }
  const settled = ({ page }: Opened) => page.getByRole('button', { name: 'Send the question' }).waitFor()

  it.each([
    ['phone', 'light'],
    ['desktop', 'dark'],
  ] as const)('streams sentences whose numbers open their chart: %s, %s', async (size, scheme) => {
    const opened = await stage.open({ size, scheme, path: '/#/ask' })
    const { page, complaints, close } = opened
    await page.getByRole('heading', { level: 1, name: 'Ask' }).waitFor()
    await stage.picture(page, `ask-new-${size}-${scheme}`)
    stage.fake.conversations.hold(FIRST_SENTENCE)
    await askIn(opened, QUESTION)
    // The first sentence is there while the rest is still being worked on.
    const first = page.getByText('Your mean resting heart rate was')
    await first.waitFor()
    expect(await page.getByText('3 nights').count()).toBe(0)
    await page.getByRole('status').getByText('Checking every number').waitFor()
    await stage.picture(page, `ask-coming-${size}-${scheme}`)
    stage.fake.conversations.release()
    await settled(opened)
    // Each number is bound to its fact, and what is in doubt is not bound.
    expect(await page.getByRole('button', { name: '55.4 bpm, open mean resting heart rate' }).count()).toBe(1)
    expect(await page.getByRole('button', { name: '3 nights, open number of nights' }).count()).toBe(1)
    expect(await page.getByRole('button', { name: /^15\.1 breaths\/min, open/ }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Highest respiratory rate 15.1 breaths/min' }).count()).toBe(1)
    expect(await page.getByText('Answered without: recovery (it took too long).').count()).toBe(1)
    await stage.picture(page, `ask-answer-${size}-${scheme}`)
    expect(await smallestTargets(page)).toEqual([])

    await page.getByRole('button', { name: '55.4 bpm, open mean resting heart rate' }).click()
    const dialog = page.getByRole('dialog', { name: 'Mean resting heart rate' })
    await dialog.locator('canvas').waitFor()
    const said = await words(dialog)
    expect(said).toContain('Your mean resting heart rate was 55.4 bpm')
    expect(said).toContain('Compared with 54.1 bpm')
    expect(said).toContain('Sources Invented ring')
    expect(said).toContain('Computed by facts@1.0.0')
    await stage.picture(page, `ask-chart-${size}-${scheme}`)
    await dialog.getByRole('button', { name: 'Close' }).click()
    expect(complaints).toEqual([])
    await close()
  })

  it('picks an answer up after a cut, says so, and shows nothing twice', async () => {
    const opened = await stage.open({ path: '/#/ask' })
    const { page, complaints, close } = opened
    const resumed: (string | undefined)[] = []
    page.on('request', (request) => {
      if (/\/runs\/[^/]+\/stream$/.test(request.url())) resumed.push(request.headers()['last-event-id'])
    })
    stage.fake.conversations.hold(FIRST_SENTENCE)
    const before = stage.fake.conversations.asked()
    await askIn(opened, QUESTION)
    await page.getByText('Your mean resting heart rate was').waitFor()
    expect(stage.fake.cut()).toBe(1)
    await page.getByText('The connection broke; picking the answer up again').waitFor()
    stage.fake.conversations.release()
    await settled(opened)
    expect(resumed).toEqual([String(FIRST_SENTENCE)])
    expect(stage.fake.conversations.asked() - before).toBe(1)
    expect(await page.getByText('Your mean resting heart rate was').count()).toBe(1)
    expect(await page.getByText('You slept under 6 h on').count()).toBe(1)
    // A broken connection is what the browser itself logs; nothing else may be.
    expect(complaints.filter((text) => !/ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION|ERR_EMPTY/.test(text))).toEqual(
      [],
    )
    await close()
  })

  it('stops an answer where it is, and asks again', async () => {
    const opened = await stage.open({ path: '/#/ask' })
    const { page, complaints, close } = opened
    stage.fake.conversations.hold(FIRST_SENTENCE)
    await askIn(opened, QUESTION)
    await page.getByText('Your mean resting heart rate was').waitFor()
    await page.getByRole('button', { name: 'Stop the answer' }).click()
    await page.getByText('You stopped this answer.').waitFor()
    expect(await page.getByText('Your mean resting heart rate was').count()).toBe(1)
    expect(await page.getByText('3 nights').count()).toBe(0)
    stage.fake.conversations.release()
    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.getByRole('button', { name: '3 nights, open number of nights' }).waitFor()
    expect(await page.getByText('You stopped this answer.').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  it('keeps the conversation over a reload, and an answer that was still coming', async () => {
    const opened = await stage.open({ path: '/#/ask' })
    const { page, complaints, close } = opened
    await askIn(opened, QUESTION)
    await settled(opened)
    expect(page.url()).toMatch(/#\/ask\/[0-9a-f-]{36}$/)
    stage.fake.conversations.hold(FIRST_SENTENCE)
    await askIn(opened, 'And again?')
    await page.getByRole('button', { name: 'Stop the answer' }).waitFor()
    await expect.poll(() => page.getByText('Your mean resting heart rate was').count()).toBe(2)
    await page.reload()
    // The kept turn, and the run that goes on.
    await expect.poll(() => page.getByText('Your mean resting heart rate was').count()).toBe(2)
    await page.getByRole('button', { name: 'Stop the answer' }).waitFor()
    stage.fake.conversations.release()
    await settled(opened)
    expect(await page.getByText('You slept under 6 h on').count()).toBe(2)
    expect(await page.getByText(QUESTION).count()).toBe(1)
    // In the kept turn numbers are bound as well, where there is no doubt.
    expect(await page.getByRole('button', { name: '55.4 bpm, open mean resting heart rate' }).count()).toBe(2)
    await page.getByRole('link', { name: 'New conversation' }).click()
    await page
      .getByRole('link', { name: new RegExp(QUESTION.replace('?', '\\?')) })
      .first()
      .waitFor()
    await stage.picture(page, 'ask-conversations-desktop-light')
    expect(complaints).toEqual([])
    await close()
  })

  it('goes on while another screen is shown', async () => {
    const opened = await stage.open({ path: '/#/ask' })
    const { page, complaints, close } = opened
    stage.fake.conversations.hold(FIRST_SENTENCE)
    await askIn(opened, QUESTION)
    await page.getByText('Your mean resting heart rate was').waitFor()
    await page.getByRole('link', { name: 'Today' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sunday 22 November' }).waitFor()
    stage.fake.conversations.release()
    await page.goBack()
    await page.getByText('You slept under 6 h on').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it('shows what was noted, and undoes it', async () => {
    const opened = await stage.open({ size: 'phone', path: '/#/ask' })
    const { page, complaints, close } = opened
    await askIn(opened, 'Remember that I am allergic to penicillin')
    await page.getByText('Remembered: I am allergic to penicillin').waitFor()
    await stage.picture(page, 'ask-memory-phone-light')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Not remembered: I am allergic to penicillin').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it('shows what somebody planted as the text that it is', async () => {
    const opened = await stage.open({ path: '/#/ask' })
    const { page, complaints, close } = opened
    await askIn(opened, 'hostile')
    await page.getByText(HOSTILE).waitFor()
    expect(await page.locator('main img, main a[href*="javascript"], main a[href*="example.org"]').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  it('says when nothing answers, and tries the same question again', async () => {
    const opened = await stage.open({ path: '/#/ask' })
    const { page, context, close } = opened
    const before = stage.fake.conversations.asked()
    await context.route('**/messages', (route) =>
      route.fulfill({
        status: 400,
        contentType: 'application/problem+json',
        body: JSON.stringify({ detail: 'Not like this.' }),
      }),
    )
    await askIn(opened, QUESTION)
    await page.getByRole('alert').getByText('Not like this.').waitFor()
    await context.unroute('**/messages')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: '3 nights, open number of nights' }).waitFor()
    expect(stage.fake.conversations.asked() - before).toBe(1)
    await close()
  })
})
