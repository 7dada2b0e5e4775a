import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exportOf, record, zipOf } from './apple-health-files.js'
import { openRig, pieces, type Rig } from './ingest-rig.js'

let rig: Rig
let persons = 0
let user = ''

beforeAll(async () => {
  rig = await openRig()
})
afterAll(() => rig.close())
beforeEach(() => {
  user = `person ${++persons}`
})

const pulses = (count: number): string =>
  exportOf(
    Array.from({ length: count }, (_, i) => {
      const stamp = `2024-05-${String(1 + (i % 28)).padStart(2, '0')} 08:${String(i % 60).padStart(2, '0')}:00 +0200`
      return record({ value: String(50 + (i % 40)), start: stamp })
    }).join('\n'),
  )
const begin = async (size?: number): Promise<string> =>
  (await rig.auren.ingest.uploads.begin(user, { name: 'export.xml', ...(size === undefined ? {} : { size }) })).id
const append = (id: string, offset: number, bytes: Uint8Array) =>
  rig.auren.ingest.uploads.append(user, id, offset, bytes)
const ended = async (id: string) => {
  await rig.auren.ingest.settled()
  return rig.auren.ingest.imports.get(user, id)
}
const values = async (): Promise<number[]> =>
  (await rig.longTerm.samples({ user, purpose: 'display' }, { metric: 'heart_rate', from: 0, to: 4e12 })).map(
    ({ value }) => value,
  )

describe('an upload', () => {
  it('takes a part twice as once, and parts that overlap', async () => {
    const bytes = Buffer.from(pulses(30))
    const id = await begin(bytes.length)
    await append(id, 0, bytes.subarray(0, 1000))
    expect(await append(id, 0, bytes.subarray(0, 1000))).toEqual({ size: 1000 })
    expect(await append(id, 400, bytes.subarray(400, 1500))).toEqual({ size: 1500 })
    expect(await append(id, 1500, bytes.subarray(1500))).toEqual({ size: bytes.length })
    await rig.auren.ingest.uploads.start(user, id)
    expect(await ended(id)).toMatchObject({ state: 'done', progress: { observations: 30, rejected: 0 } })
    expect(await values()).toHaveLength(30)
  })

  it('refuses a part that leaves a gap, says where to go on, and goes on there', async () => {
    const bytes = Buffer.from(pulses(10))
    const id = await begin()
    await append(id, 0, bytes.subarray(0, 500))
    await expect(append(id, 600, bytes.subarray(600))).rejects.toMatchObject({
      code: 'AUREN_CONFLICT',
      message: expect.stringContaining('500'),
    })
    expect(await rig.auren.ingest.imports.get(user, id)).toMatchObject({ state: 'uploading', progress: { bytes: 500 } })
    await append(id, 500, bytes.subarray(500))
    await rig.auren.ingest.uploads.start(user, id)
    expect(await ended(id)).toMatchObject({ state: 'done', progress: { observations: 10 } })
  })

  it('is not imported before all of it is there: half a file must not pass for a whole one', async () => {
    const bytes = Buffer.from(pulses(10))
    const id = await begin(bytes.length)
    await append(id, 0, bytes.subarray(0, 700))
    await expect(rig.auren.ingest.uploads.start(user, id)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await append(id, 700, bytes.subarray(700))
    await rig.auren.ingest.uploads.start(user, id)
    expect(await ended(id)).toMatchObject({ state: 'done', progress: { observations: 10 } })
  })

  it('with nothing in it is not started', async () => {
    const id = await begin()
    await expect(rig.auren.ingest.uploads.start(user, id)).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  })

  it('that is complete takes no more, and starts once', async () => {
    const bytes = Buffer.from(pulses(5))
    const id = await begin()
    await append(id, 0, bytes)
    await rig.auren.ingest.uploads.start(user, id)
    await rig.auren.ingest.uploads.start(user, id)
    await expect(append(id, bytes.length, bytes)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    expect(await ended(id)).toMatchObject({ state: 'done', progress: { observations: 5 } })
  })

  it('that was cancelled stays so', async () => {
    const id = await begin()
    await append(id, 0, Buffer.from(pulses(5)))
    await rig.auren.ingest.imports.cancel(user, id)
    await expect(append(id, 0, new Uint8Array(10))).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    expect(await rig.auren.ingest.uploads.start(user, id)).toMatchObject({ state: 'cancelled' })
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
    expect(await values()).toEqual([])
  })

  it('of somebody else is not there, nor is what was never begun', async () => {
    const id = await begin()
    const { uploads, imports } = rig.auren.ingest
    for (const [who, what] of [
      ['eve', id],
      [user, 'nope'],
      [user, '00000000-0000-4000-8000-000000000000'],
    ] as const) {
      for (const attempt of [
        () => uploads.append(who, what, 0, new Uint8Array(1)),
        () => uploads.start(who, what),
        () => imports.get(who, what),
        () => imports.cancel(who, what),
      ])
        await expect(attempt(), `${who} ${what}`).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    }
    expect(await imports.list('eve')).toEqual([])
  })
})

describe('a file', () => {
  const load = (bytes: Uint8Array, name: string) => rig.auren.ingest.file('auto', pieces(bytes), { userId: user, name })

  it('that comes again changes no row, and is reported as a duplicate', async () => {
    const bytes = Buffer.from(pulses(60))
    await load(bytes, 'export.xml')
    const before = await rig.digest(user)
    const places = await rig.query('select ctid::text, xmin::text from auren.chunks where user_id = $1 order by 1', [
      user,
    ])
    rig.advance(86_400_000)
    expect(await load(bytes, 'again.xml')).toMatchObject({ state: 'done', duplicate: true })
    expect(await rig.digest(user)).toEqual(before)
    expect(
      await rig.query('select ctid::text, xmin::text from auren.chunks where user_id = $1 order by 1', [user]),
    ).toEqual(places)
  })

  it('holds the same as archive and as bare XML: nothing counts twice', async () => {
    const xml = pulses(60)
    await load(Buffer.from(xml), 'export.xml')
    const before = await values()
    const version = await rig.longTerm.version({ user, purpose: 'display' })
    rig.advance(86_400_000)
    const zip = zipOf([{ name: 'apple_health_export/export.xml', content: xml }])
    expect(await load(zip, 'export.zip')).toMatchObject({ state: 'done', duplicate: false })
    expect(await values()).toEqual(before)
    expect(await rig.longTerm.version({ user, purpose: 'display' })).toBe(version)
  })
})
