import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStage, type Stage, smallestTargets } from './browser.js'

const PART = 4 * 1024 * 1024
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Drops a file onto the target, as a file manager does. */
async function drop(page: Page, file: string): Promise<void> {
  await page.getByText('Drop an export file here').waitFor()
  // The bytes come through an input of the page itself: a drop made in script cannot read the disk.
  await page.evaluate(() => {
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'carrier', hidden: true })
    document.body.append(input)
  })
  await page.locator('#carrier').setInputFiles(file)
  await page.evaluate(() => {
    const carrier = document.querySelector<HTMLInputElement>('#carrier')
    const target = document.querySelector('main label')
    const dataTransfer = new DataTransfer()
    const file = carrier?.files?.[0]
    if (file) dataTransfer.items.add(file)
    target?.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
    target?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    carrier?.remove()
  })
}

describe('bringing data in', () => {
  let stage: Stage
  const folder = mkdtempSync(join(tmpdir(), 'auren-pwa-files-'))
  const bytes = randomBytes(2 * PART + 12_345)
  const file = join(folder, 'export.zip')
  writeFileSync(file, bytes)
  beforeAll(async () => {
    stage = await createStage()
  })
  afterAll(() => stage?.close())

  it.each([
    ['phone', 'dark'],
    ['desktop', 'light'],
  ] as const)('takes a dropped file in parts, and shows the import to its end: %s, %s', async (size, scheme) => {
    const { page, complaints, close } = await stage.open({ size, scheme, path: '/#/data' })
    const whole: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'PUT') whole.push(new URL(request.url()).search)
    })
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
    await page.getByText('Revoked, last heard 1 Nov 2026').waitFor()
    await stage.picture(page, `data-${size}-${scheme}`)
    expect(await smallestTargets(page)).toEqual([])
    const done = page.getByText('Done: 123,621 measurements.')
    const before = await done.count()
    const resume = stage.fake.uploads.pause()
    await drop(page, file)
    await page.getByRole('progressbar', { name: 'Upload of export.zip' }).waitFor()
    await stage.picture(page, `data-upload-${size}-${scheme}`)
    resume()
    await done.nth(before).waitFor()
    expect(whole).toEqual(['?offset=0', `?offset=${PART}`, `?offset=${2 * PART}`])
    expect(hash(stage.fake.uploads.bytes().at(-1) as Buffer)).toBe(hash(bytes))
    await page.getByText('15 left aside').first().click()
    await page.getByText('Outside what is possible for a body').first().waitFor()
    await stage.picture(page, `data-done-${size}-${scheme}`)
    expect(complaints).toEqual([])
    await close()
  })

  it('goes on by itself when the server is away for a moment', async () => {
    const { page, close } = await stage.open({ path: '/#/data' })
    stage.fake.uploads.refuse(1)
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByText('The connection is away; going on as soon as it is back').waitFor()
    await page.getByText('Done: 123,621 measurements.').nth(2).waitFor()
    expect(hash(stage.fake.uploads.bytes().at(-1) as Buffer)).toBe(hash(bytes))
    await close()
  })

  /** An upload whose page is closed when the first part has arrived; the offsets of what is sent after that. */
  const breakOff = async (page: Page): Promise<string[]> => {
    const parts = stage.fake.uploads.parts()
    const second = `**/parts?offset=${PART}`
    await page.route(second, () => undefined)
    await page.locator('input[type=file]').setInputFiles(file)
    await expect.poll(() => stage.fake.uploads.parts() - parts).toBe(1)
    await page.getByText('4.2 MB of 8.4 MB (50 %)').waitFor()
    await page.reload()
    await page.unroute(second)
    await page.getByText('Upload not finished: 4.2 MB arrived.').waitFor()
    const offsets: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'PUT') offsets.push(new URL(request.url()).search)
    })
    return offsets
  }

  it('goes on after a reload with the same file', async () => {
    const { page, close } = await stage.open({ path: '/#/data' })
    const offsets = await breakOff(page)
    const imports = stage.fake.uploads.bytes().length
    await page.locator('input[type=file]').setInputFiles(file)
    await expect.poll(() => offsets).toEqual([`?offset=${PART}`, `?offset=${2 * PART}`])
    await expect.poll(() => page.getByText('Upload not finished').count()).toBe(0)
    expect(stage.fake.uploads.bytes()).toHaveLength(imports)
    expect(hash(stage.fake.uploads.bytes().at(-1) as Buffer)).toBe(hash(bytes))
    await close()
  })

  it('does not mix the rest of another file into an upload that broke off', async () => {
    const { page, close } = await stage.open({ path: '/#/data' })
    const offsets = await breakOff(page)
    const imports = stage.fake.uploads.bytes().length
    const other = randomBytes(bytes.length)
    const namesake = join(mkdtempSync(join(tmpdir(), 'auren-pwa-files-')), 'export.zip')
    writeFileSync(namesake, other)
    await page.locator('input[type=file]').setInputFiles(namesake)
    await expect.poll(() => offsets).toEqual(['?offset=0', `?offset=${PART}`, `?offset=${2 * PART}`])
    await expect.poll(() => stage.fake.uploads.bytes().length).toBe(imports + 1)
    await expect.poll(() => hash(stage.fake.uploads.bytes().at(-1) as Buffer)).toBe(hash(other))
    // The one that broke off is still there, to be discarded.
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByText('Stopped before anything was read.').waitFor()
    await close()
  })

  it.each([
    ['phone', 'light'],
    ['desktop', 'dark'],
  ] as const)(
    'shows what a complete export lacks, removes it when told to, and puts it back: %s, %s',
    async (size, scheme) => {
      const { page, complaints, close } = await stage.open({ size, scheme, path: '/#/data' })
      stage.fake.uploads.complete(`${size}.zip`, {
        count: 1204,
        held: 90_000,
        kinds: [
          { shape: 'sample', of: 'resting_heart_rate', missing: 1200, held: 2000 },
          { shape: 'session', of: 'workout', missing: 4, held: 88_000 },
        ],
        state: 'proposed',
      })
      await page.reload()
      const box = page
        .getByRole('article')
        .filter({ hasText: `${size}.zip` })
        .getByRole('region')
      await box.getByText('Earlier exports had 1,204 records that this one lacks. They still count.').waitFor()
      await box.getByText('What it is').click()
      await box.getByText('1,200 of 2,000').waitFor()
      await box.getByRole('button', { name: 'Remove them …' }).click()
      await stage.picture(page, `data-missing-${size}-${scheme}`)
      // Nothing is done before it is confirmed.
      await box.getByRole('button', { name: 'Keep them' }).click()
      await box.getByText('They still count.').waitFor()
      await box.getByRole('button', { name: 'Remove them …' }).click()
      await box.getByRole('button', { name: 'Remove 1,204 records' }).click()
      await box.getByText('Removed 1,204 records that this export lacks.').waitFor()
      await box.getByRole('button', { name: 'Put them back' }).click()
      await box.getByText('1,204 records that this export lacks were put back, and count.').waitFor()
      expect(await smallestTargets(page)).toEqual([])
      expect(complaints).toEqual([])
      await close()
    },
  )

  it('says that an empty file is empty', async () => {
    const { page, complaints, close } = await stage.open({ path: '/#/data' })
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'export.xml', mimeType: 'text/xml', buffer: Buffer.alloc(0) })
    await page.getByRole('alert').getByText('This file is empty.').waitFor()
    expect(complaints).toEqual([])
    await close()
  })
})
