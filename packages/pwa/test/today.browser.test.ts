import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStage, type Stage, smallestTargets, words } from './browser.js'

describe('today', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await createStage()
  })
  afterAll(() => stage?.close())

  it.each([
    ['phone', 'light'],
    ['phone', 'dark'],
    ['desktop', 'light'],
    ['desktop', 'dark'],
  ] as const)('shows the last values against the usual range: %s, %s', async (size, scheme) => {
    const { page, complaints, close } = await stage.open({ size, scheme })
    await page.getByRole('heading', { level: 1, name: 'Sunday 22 November' }).waitFor()
    const cards = page.getByRole('article')
    expect(await cards.count()).toBe(6)
    const heart = cards.filter({ hasText: 'Resting heart rate' })
    const said = await words(heart)
    expect(said).toContain('61.2 bpm')
    expect(said).toContain('today')
    expect(said).toMatch(/Above your usual [\d.]+ to [\d.]+ bpm/)
    expect(said).toMatch(/Median [\d.]+ bpm, 28 of the 28 days before/)
    expect(said).toContain('Data for 46 % of that day')
    expect(await words(cards.filter({ hasText: 'Steps' }))).toContain('So far today')
    expect(await page.getByText('No glucose since 2026-10-02.').count()).toBe(1)
    expect(
      await page.getByText(/^Outside your usual range: resting heart rate and heart rate variability/).count(),
    ).toBe(1)
    await stage.picture(page, `today-${size}-${scheme}`)
    expect(await smallestTargets(page)).toEqual([])
    // Nothing is wider than the screen.
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    expect(complaints).toEqual([])
    await close()
  })

  it('opens the chart of a card, with band, summary, table, ground and trace', async () => {
    const { page, complaints, close } = await stage.open()
    await page.getByRole('button', { name: 'Resting heart rate: open the chart' }).click()
    const dialog = page.getByRole('dialog', { name: 'Resting heart rate' })
    await dialog.locator('canvas').waitFor()
    expect(await dialog.getByRole('img').getAttribute('aria-label')).toMatch(
      /^Resting heart rate, 25 Oct – 22 Nov 2026\. 29 of 29 days/,
    )
    expect(await words(dialog)).toMatch(/Usual range [\d.]+ to [\d.]+ bpm, median [\d.]+ bpm, from 28 of the 28 days/)
    await stage.picture(page, 'chart-desktop-light')
    const slider = dialog.getByRole('slider', { name: 'Move along the chart' })
    expect(await slider.getAttribute('aria-valuetext')).toBe('22 Nov 2026: 61.2 bpm')
    await slider.press('ArrowLeft')
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^21 Nov 2026: /)
    await dialog.getByRole('button', { name: 'View as table' }).click()
    expect(await dialog.getByRole('row').count()).toBe(30)
    expect(await dialog.getByRole('row', { name: /^22 Nov 2026 61\.2 bpm 1 46 %/ }).count()).toBe(1)
    await stage.picture(page, 'table-desktop-light')
    await dialog.getByText('Down to the measurements of a day').click()
    await dialog.getByText('One measurement of the ring.').waitFor()
    expect(await dialog.getByRole('row', { name: /^06:00:00 61\.2 bpm Invented ring/ }).count()).toBe(1)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    // The focus comes back to where it was.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Resting heart rate: open the chart')
    expect(complaints).toEqual([])
    await close()
  })

  it.each(['phone', 'desktop'] as const)('draws columns for totals and ranges for levels: %s, dark', async (size) => {
    const { page, complaints, close } = await stage.open({ size, scheme: 'dark' })
    for (const [title, name] of [
      ['Steps', 'steps'],
      ['Heart rate variability (RMSSD)', 'hrv'],
    ] as const) {
      await page.getByRole('button', { name: `${title}: open the chart` }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('radio', { name: '1 year' }).check()
      await dialog.getByText(/days have data|stands for several days/).waitFor()
      await dialog.locator('canvas').waitFor()
      await stage.picture(page, `chart-${name}-${size}-dark`)
      await dialog.getByRole('button', { name: 'Close' }).click()
    }
    expect(complaints).toEqual([])
    await close()
  })

  it('leads to the import where there is nothing yet', async () => {
    stage.fake.empty(true)
    const { page, complaints, close } = await stage.open({ size: 'phone' })
    await page.getByRole('heading', { name: 'Nothing has been measured yet' }).waitFor()
    await stage.picture(page, 'today-empty-phone')
    await page.getByRole('link', { name: 'Add your data' }).click()
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
    stage.fake.empty(false)
    expect(complaints).toEqual([])
    await close()
  })
})
