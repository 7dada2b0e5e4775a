import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStage, type Stage, smallestTargets, words } from './browser.js'

describe('memory and person', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await createStage()
  })
  afterAll(() => stage?.close())

  it.each([
    ['phone', 'dark'],
    ['desktop', 'light'],
  ] as const)('shows what is remembered, pinned first, and why: %s, %s', async (size, scheme) => {
    const { page, complaints, close } = await stage.open({ size, scheme, path: '/#/memory' })
    await page.getByText('I take beta blockers').first().waitFor()
    const rows = await page.getByRole('article').allInnerTexts()
    expect(rows.findIndex((text) => text.includes('beta blockers'))).toBeLessThan(
      rows.findIndex((text) => text.includes('half marathon')),
    )
    await stage.picture(page, `memory-${size}-${scheme}`)
    expect(await smallestTargets(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    await page.getByRole('button', { name: /^Why is this remembered: Usual resting heart rate/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Why this is remembered' })
    expect(await words(dialog.locator('dl'))).toContain('Computed by baselines@1.0.0')
    await stage.picture(page, `memory-why-${size}-${scheme}`)
    await page.keyboard.press('Escape')
    expect(complaints).toEqual([])
    await close()
  })

  it('adds, confirms, corrects and forgets', async () => {
    const { page, complaints, close } = await stage.open({ path: '/#/memory' })
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('safety')
    await page.getByRole('textbox', { name: 'Remember' }).fill('I have asthma')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('article').filter({ hasText: 'I have asthma' }).getByText('Always kept in mind').waitFor()

    const drafted = page.getByRole('article').filter({ hasText: 'allergic to penicillin' })
    await drafted.getByRole('button', { name: 'Confirm' }).click()
    await expect.poll(() => drafted.getByText('not confirmed').count()).toBe(0)

    await page.getByRole('button', { name: 'Correct: I have asthma' }).click()
    await page.getByRole('textbox', { name: 'What is right' }).fill('I had asthma as a child')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('article').filter({ hasText: 'I had asthma as a child' }).waitFor()

    const forget = page.getByRole('button', { name: 'Forget: I had asthma as a child' })
    await forget.click()
    const dialog = page.getByRole('dialog', { name: 'Forget this?' })
    await stage.picture(page, 'memory-forget-desktop-light')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await forget.count()).toBe(1)
    await forget.click()
    await dialog.getByRole('button', { name: 'Forget' }).click()
    await expect.poll(() => page.getByText('I had asthma as a child').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['phone', 'dark'],
    ['desktop', 'light'],
  ] as const)('draws the chapters on a line of years, and tells them: %s, %s', async (size, scheme) => {
    const { page, complaints, close } = await stage.open({ size, scheme, path: '/#/memory' })
    await page.getByText('Together with: night shift.').scrollIntoViewIfNeeded()
    const bands = page.locator('main [aria-hidden] span', { hasText: /^[123]$/ })
    const boxes = await Promise.all((await bands.all()).map((band) => band.boundingBox()))
    const widths = boxes.map((box) => box?.width ?? 0)
    // 574, 70 and 1,442 days.
    const all = widths.reduce((sum, width) => sum + width, 0)
    expect(widths.map((width) => Math.round((100 * width) / all))).toEqual([28, 3, 69])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    await stage.picture(page, `memory-chapters-${size}-${scheme}`)
    expect(complaints).toEqual([])
    await close()
  })

  it('reads a note for what it tells, and says what waits to be confirmed', async () => {
    const { page, complaints, close } = await stage.open({ path: '/#/memory' })
    await page.getByRole('textbox', { name: 'Remember' }).fill('Started swimming, and I am allergic to chlorine')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('Noted. One thing in it waits to be confirmed below.').waitFor()
    const draft = page
      .getByRole('article')
      .filter({ hasText: 'allergic to chlorine' })
      .filter({ hasText: 'not confirmed' })
    await draft.getByRole('button', { name: 'Confirm' }).waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['phone', 'light'],
    ['desktop', 'dark'],
  ] as const)('asks which of two memories holds, until it is decided: %s, %s', async (size, scheme) => {
    const { page, complaints, close } = await stage.open({ size, scheme, path: '/#/memory' })
    const section = page.getByRole('group', { name: 'One says what the other denies' })
    if (size === 'phone') {
      await section.getByText('counts until you decide').waitFor()
      expect(await smallestTargets(page)).toEqual([])
      await stage.picture(page, `memory-contradiction-${size}-${scheme}`)
    } else {
      await section.getByText('counts until you decide').waitFor()
      await stage.picture(page, `memory-contradiction-${size}-${scheme}`)
      await section.getByRole('button', { name: 'This one holds: I am allergic to latex' }).click()
      await expect.poll(() => page.getByText('These do not agree').count()).toBe(0)
    }
    expect(complaints).toEqual([])
    await close()
  })

  it.each([
    ['phone', 'light'],
    ['desktop', 'dark'],
  ] as const)('keeps the profile, and follows its units: %s, %s', async (size, scheme) => {
    const { page, complaints, close } = await stage.open({ size, scheme, path: '/#/you' })
    await page.getByRole('combobox', { name: 'Units' }).waitFor()
    await stage.picture(page, `you-${size}-${scheme}`)
    expect(await smallestTargets(page)).toEqual([])
    await page.getByRole('combobox', { name: 'Units' }).selectOption('imperial')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect(stage.fake.memory.profile()).toEqual({ units: 'imperial', zones: [{ from: 0, zone: 'Europe/Berlin' }] })
    await page.getByRole('link', { name: 'Today' }).click()
    await page.getByRole('article').filter({ hasText: 'Weight' }).getByText('157').first().waitFor()
    await page.getByRole('link', { name: 'You' }).click()
    await page.getByRole('combobox', { name: 'Units' }).selectOption('metric')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  it('exports everything as a file', async () => {
    const { page, close } = await stage.open({ path: '/#/you' })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export everything' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('auren-export.ndjson')
    await close()
  })

  it('erases everything only when the words are typed', async () => {
    const { page, complaints, close } = await stage.open({ path: '/#/you' })
    await page.getByRole('button', { name: 'Erase everything …' }).click()
    const erase = page.getByRole('dialog').getByRole('button', { name: 'Erase', exact: true })
    expect(await erase.isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'Type “erase everything”' }).fill('erase')
    expect(await erase.isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'Type “erase everything”' }).fill('Erase everything')
    await stage.picture(page, 'you-erase-desktop-light')
    await erase.click()
    await page.getByText('Everything about you has been erased').waitFor()
    expect(stage.fake.memory.erased()).toBe(true)
    expect(complaints).toEqual([])
    await close()
  })
})
