// What the consumer stores per second, from the outbox to the packed series with their daily roll-ups, against a bare
// upsert of the same rows into a table of a row per sample: the same PostgreSQL, in one run. Needs `scripts/services up`.
import { createAuren, type ObservationInput } from '@auren/core'
import { neuros } from '@auren/plugins/neuros'
import { postgres } from '@auren/plugins/postgres'
import { upsertAll } from './consume-baseline.js'
import { openIdle, withDatabase } from './deployment.js'
import { minutes } from './minutes.js'
import { quantile, type Report } from './report.js'

/** Measures both in turns, and takes the middle of the rounds. */
export async function measureConsume(options: Record<string, string | undefined>): Promise<Report> {
  const persons = Number(options.persons ?? 100)
  const rounds = Number(options.rounds ?? 3)
  const batches = 8
  const perBatch = 720
  const total = persons * batches * perBatch
  const ours: number[] = []
  const bare: number[] = []
  let left = 0
  for (let round = 0; round < rounds; round++) {
    await withDatabase(async (bench) => {
      const idle = await openIdle(bench)
      for (let batch = 0; batch < batches; batch++)
        for (let person = 0; person < persons; person++)
          await idle.ingest.observations({
            userId: `person-${person}`,
            provider: 'app.bench',
            key: `${person}/${batch}`,
            observations: minutes(person, batch * perBatch, perBatch).map(
              ({ at, value }): ObservationInput => ({
                shape: 'sample',
                metric: 'heart_rate',
                start: at,
                value,
                unit: '/min',
                source: { name: 'Bench watch', type: 'watch' },
                offset: 60,
                zoneBasis: 'carried',
              }),
            ),
          })
      const worker = await createAuren({ plugins: [postgres(bench), ...neuros()] })
      const from = performance.now()
      await worker.ingest.settled()
      ours.push(total / ((performance.now() - from) / 1000))
      left += (await worker.lag()).waiting
      await worker.close()
      await idle.close()
      bare.push(total / (await upsertAll(bench.url, { persons, batches, perBatch })))
    })
  }
  return {
    bench: 'consume',
    options: { persons, batches, perBatch, rounds },
    figures: [{ name: 'left over', value: left, unit: 'envelopes' }],
    ratios: [
      {
        name: 'samples stored per second',
        ours: quantile(ours, 0.5),
        baseline: quantile(bare, 0.5),
        unit: '/s',
        of: 'upsert of a row per sample, a transaction per batch',
      },
    ],
  }
}
