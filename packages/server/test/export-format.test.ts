import type { Auren } from '@auren/core'
import { describe, expect, it } from 'vitest'
import type { Client } from '../src/cli/client.js'
import { exportAll } from '../src/cli/commands/records.js'
import { exportOf } from '../src/neuros/export.js'

const lines = [
  { type: 'auren', v: 1 },
  { type: 'observation', item: { metric: 'weight' } },
  { type: 'memory', item: {} },
  { type: 'observation', item: { metric: 'hrv_rmssd' } },
]
const toy = {
  kind: 'wearable',
  id: 'toy',
  export: {
    begin: () => ({
      add: ({ metric }: { metric: string }) => (metric === 'weight' ? [{ weight: 1 }] : []),
      report: () => ({ type: 'auren', dataPoints: 1, leftOut: { hrv_rmssd: 1 } }),
    }),
  },
}
const auren = {
  plugins: { list: () => [{ kind: 'wearable', id: 'mute' }, toy] },
  memory: {
    for: () => ({
      async *export() {
        yield* lines
      },
    }),
  },
} as unknown as Pick<Auren, 'memory' | 'plugins'>

const all = async ({ chunks }: { chunks: AsyncIterable<string> }): Promise<object[]> => {
  const held: string[] = []
  for await (const one of chunks) held.push(one)
  return held.map((line) => JSON.parse(line) as object)
}

describe('the export', () => {
  it('is everything, or the measurements in a plugin’s format with a report at the end', async () => {
    expect(await all(exportOf(auren, 'ann', undefined))).toEqual(lines)
    expect(await all(exportOf(auren, 'ann', 'toy'))).toEqual([
      { weight: 1 },
      { type: 'auren', dataPoints: 1, leftOut: { hrv_rmssd: 1 } },
    ])
    for (const format of ['mute', 'nothing', ''])
      expect(() => exportOf(auren, 'ann', format)).toThrow(/These there are: fhir, csv, toy\.$/)
  })
})

describe('auren export --format', () => {
  const run = async (text: string, size: number) => {
    const bytes = new TextEncoder().encode(text)
    const paths: string[] = []
    const client = {
      async raw(_service: string, path: string) {
        paths.push(path)
        return new ReadableStream<Uint8Array>({
          start(controller) {
            for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
            controller.close()
          },
        })
      },
    } as unknown as Client
    const notes: string[] = []
    const out: string[] = []
    const write = process.stdout.write
    process.stdout.write = ((chunk: string) => out.push(String(chunk)) > 0) as typeof write
    try {
      await exportAll(client, { note: (line: string) => notes.push(line) } as never, { format: 'open-mhealth' })
    } finally {
      process.stdout.write = write
    }
    return { notes, out: out.join(''), paths }
  }
  const report = '{"type":"auren","v":1,"dataPoints":2,"leftOut":{"tag alcohol":3}}\n'

  it('writes the data points, and says beside them what was left out, however the answer is cut', async () => {
    for (const size of [1, 7, 64, 10_000]) {
      const { notes, out, paths } = await run(`{"é":1}\n{"b":2}\n${report}`, size)
      expect(out).toBe('{"é":1}\n{"b":2}\n')
      expect(notes).toEqual(['2 data points.', 'Left out, no schema: 3 × tag alcohol'])
      expect(paths).toEqual(['/v1/export?format=open-mhealth'])
    }
    expect((await run(report, 10)).out).toBe('')
  })

  it('fails where the answer broke off', async () => {
    await expect(run('{"a":1}\n{"b":2}\n', 5)).rejects.toMatchObject({ code: 'AUREN_INTERNAL' })
    await expect(run('', 5)).rejects.toMatchObject({ code: 'AUREN_INTERNAL' })
  })
})
