import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { exportOf, fileOf, importAll, record, type ZipEntry, zipOf } from './apple-health-files.js'

const xml = exportOf(record())
const good: ZipEntry = { name: 'apple_health_export/export.xml', content: xml }
const read = (...entries: ZipEntry[]) => importAll(fileOf(zipOf(entries), 'export.zip'))
const invalid = { code: 'AUREN_PAYLOAD_INVALID' }
const tooLarge = { code: 'AUREN_PAYLOAD_TOO_LARGE' }

describe('the export within a zip', () => {
  it.each([
    ['Export.xml'],
    ['apple_health_export/Exportación.xml'],
    ['apple_health_export/exportar.XML'],
    ['apple_health_export/导出.xml'],
    ['../../../etc/passwd.xml'],
    ['/etc/cron.d/x.xml'],
    ['C:\\windows\\x.xml'],
  ])('is found by content, whatever its name: %s', async (name) => {
    expect((await read({ name, content: xml })).observations).toHaveLength(1)
  })

  it('is not the clinical document, nor a fork of a Mac, nor the smaller of two', async () => {
    const two = exportOf(record() + record({ value: '99' }))
    const { observations } = await read(
      { name: 'a/export_cda.xml', content: `<ClinicalDocument>${'x'.repeat(5000)}</ClinicalDocument>` },
      { name: '__MACOSX/a/._export.xml', content: Buffer.from([0, 5, 22, 7]) },
      { ...good, name: 'copy/export.xml' },
      { name: 'a/export.xml', content: two },
      { name: 'a/export.xml', content: xml },
    )
    expect(observations).toHaveLength(2)
  })

  it('may be stored, and of Zip64', async () => {
    expect((await read({ ...good, stored: true })).observations).toHaveLength(1)
    expect((await read({ ...good, zip64: true })).observations).toHaveLength(1)
  })

  it('tells what else was in it', async () => {
    const { rejected } = await read(
      good,
      { name: 'a/workout-routes/1.gpx', content: 'x' },
      { name: 'a/workout-routes/2.gpx', content: 'x' },
      { name: 'a/electrocardiograms/1.csv', content: 'x' },
    )
    expect(rejected.map(({ reason, item }) => [reason, item])).toEqual([
      ['ignored', { name: '.gpx', count: 2 }],
      ['ignored', { name: '.csv', count: 1 }],
    ])
  })
})

describe('a hostile zip', () => {
  it('without an export in it is refused', async () => {
    await expect(read({ name: 'a.txt', content: xml })).rejects.toMatchObject(invalid)
    await expect(read({ name: 'a.xml', content: '<other/>' })).rejects.toMatchObject(invalid)
    await expect(read({ name: 'inner.zip', content: zipOf([good]) })).rejects.toMatchObject(invalid)
    await expect(read()).rejects.toMatchObject(invalid)
  })

  it('with a link in the place of the export is refused', async () => {
    await expect(read({ ...good, link: true })).rejects.toMatchObject(invalid)
  })

  it('that is encrypted is refused with what to do', async () => {
    await expect(read({ ...good, encrypted: true })).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining('password'),
    })
  })

  it('of zeros, or packed too tightly, is refused before anything is read', async () => {
    const zeros = Buffer.alloc(32 * 1024 * 1024)
    await expect(read({ name: 'export.xml', content: zeros })).rejects.toMatchObject(tooLarge)
    const bomb = exportOf(' '.repeat(32 * 1024 * 1024))
    await expect(read({ ...good, content: bomb })).rejects.toMatchObject(tooLarge)
  })

  it('over one of the limits is refused', async () => {
    const file = fileOf(zipOf([good, { name: 'a.gpx', content: 'x' }]), 'export.zip')
    await expect(importAll(file, { limits: { entries: 1 } })).rejects.toMatchObject(tooLarge)
    await expect(importAll(file, { limits: { entryBytes: 100 } })).rejects.toMatchObject(tooLarge)
    await expect(importAll(file, { limits: { totalBytes: 100 } })).rejects.toMatchObject(tooLarge)
    await expect(importAll(file, { limits: { ms: -1 } })).rejects.toMatchObject({
      code: 'AUREN_TIMEOUT',
      retryable: true,
    })
  })

  it('whose entries overlap is refused', async () => {
    const entries = Array.from({ length: 50 }, (_, i) => ({ ...good, name: `${i}.xml` }))
    await expect(importAll(fileOf(zipOf(entries, { overlap: true }), 'export.zip'))).rejects.toMatchObject(invalid)
  })

  it('that is cut off or garbled is refused or read, and never anything else', async () => {
    const whole = zipOf([good])
    for (let cut = 4; cut < whole.length; cut += 7)
      await expect(importAll(fileOf(whole.subarray(0, cut), 'export.zip'))).rejects.toMatchObject(invalid)
    for (let at = 4; at < whole.length; at++) {
      const garbled = Buffer.from(whole)
      garbled[at] = (garbled[at] as number) ^ 0xff
      const outcome = await importAll(fileOf(garbled, 'export.zip')).then(
        ({ observations }) => observations.length <= 1,
        (error: { code?: string }) => /^AUREN_PAYLOAD_/.test(error.code ?? ''),
      )
      expect([at, outcome]).toEqual([at, true])
    }
  })

  it('that lies about sizes or checksum keeps what was read, and says so', async () => {
    for (const lie of [{ size: xml.length + 10 }, { size: xml.length - 10 }, { crc: 1 }]) {
      const { observations, rejected } = await read({ ...good, ...lie })
      expect(observations).toHaveLength(1)
      expect(rejected).toMatchObject([{ reason: 'archive_damaged' }])
    }
  })

  it('whose packed data break off keeps what came before', async () => {
    const many = exportOf(Array.from({ length: 4000 }, (_, i) => record({ value: String(50 + (i % 97)) })).join('\n'))
    const packed = deflateRawSync(many)
    const { observations, rejected } = await read({
      ...good,
      content: many,
      packed: packed.subarray(0, packed.length / 2),
    })
    expect(observations.length).toBeGreaterThan(500)
    expect(observations.length).toBeLessThan(4000)
    expect(rejected).toMatchObject([{ reason: 'archive_damaged' }])
  })
})

describe('a store that fails', () => {
  it('is not taken for a damaged file', async () => {
    const whole = zipOf([{ ...good, stored: true, content: exportOf(record().repeat(5000)) }])
    const { read: fetch, ...rest } = fileOf(whole, 'export.zip')
    let reads = 0
    const failing = {
      ...rest,
      read: async (offset: number, length: number) => {
        if (++reads > 5) throw new Error('the store is away')
        return fetch(offset, length)
      },
    }
    await expect(importAll(failing)).rejects.toThrow('the store is away')
  })
})
