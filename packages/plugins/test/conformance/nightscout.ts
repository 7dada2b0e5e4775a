import { nightscout } from '../../src/wearables/nightscout/index.js'
import { startNightscout } from '../servers/nightscout.js'
import { bytesOf, fetchWith, fixture, type Row } from './row.js'

const entries = fixture('nightscout', 'entries.json') as Record<string, unknown>[]
const { result: treatments } = fixture('nightscout', 'treatments.json') as { result: Record<string, unknown>[] }
const [meal = {}] = treatments
const at = (stamp: string): number => Date.parse(stamp)
const changed = (change: object, srvModified: number) => ({
  collection: 'treatments',
  records: [{ ...meal, notes: null, ...change, srvModified }],
})
const first = changed({}, 1_774_783_801_000)

/** A Nightscout site. */
export const row: Row = {
  plugin: nightscout(),
  kit: {
    golden: [
      {
        name: 'readings around the clock change',
        payload: { collection: 'entries', records: entries },
        expect: [
          { metric: 'glucose', value: 112, unit: 'mg/dL', start: at('2026-03-29T01:30:00Z'), offset: 120 },
          { metric: 'glucose', value: 104, unit: 'mg/dL', start: at('2026-03-29T00:30:00Z'), offset: 60, flags: 1 },
        ],
        exact: true,
        aside: ['out_of_range', 'no_measurement'],
      },
      {
        name: 'what was taken and eaten',
        payload: { collection: 'treatments', units: 'mmol', records: treatments },
        expect: [
          { metric: 'insulin', value: 4.5, unit: '[IU]', start: at('2026-03-29T11:30:00Z') },
          { metric: 'carbohydrate_intake', value: 45, unit: 'g' },
          { shape: 'session', kind: 'workout', end: at('2026-03-29T12:30:00Z') },
          { shape: 'tag', tag: 'note', text: 'soup and bread' },
          { metric: 'glucose', unit: 'mg/dL', start: at('2026-03-29T12:30:00Z') },
        ],
        aside: [],
      },
    ],
    stories: [
      {
        kind: 'corrected',
        name: 'a meal whose carbohydrates are corrected',
        steps: [{ payload: first }, { payload: changed({ carbs: 60 }, 1_774_783_901_000) }],
        expect: [
          { metric: 'insulin', value: 4.5 },
          { metric: 'carbohydrate_intake', value: 60 },
        ],
      },
      {
        kind: 'deleted',
        name: 'a meal that is gone',
        steps: [{ payload: first }, { payload: changed({ isValid: false }, 1_774_783_901_000) }],
        expect: [],
      },
    ],
    archives: [
      {
        name: 'entries.json',
        bytes: bytesOf('nightscout', 'entries.json'),
        expect: [{ metric: 'glucose', value: 112 }],
      },
    ],
    async pull() {
      const now = at('2026-04-10T12:00:00Z')
      const site = await startNightscout()
      site.kept = { entries, treatments }
      return {
        plugin: nightscout({ privateSites: site.url }),
        account: site.host,
        secret: site.token,
        now,
        fetch: (url, init) => fetchWith(() => '')(url, init),
        limit: () => site.refuse(429, 100),
        close: () => site.close(),
      }
    },
  },
}
