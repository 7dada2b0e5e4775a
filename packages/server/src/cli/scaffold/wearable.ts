/** What a new plugin is made with. */
export interface ScaffoldNames {
  /** Lower-case letters, digits and dashes: `my-ring`. */
  id: string
  /** The factory: `myRing`. */
  factory: string
  /** Of @auren/core. */
  version: string
}

/** Versions of what a new plugin is built and tested with. */
export const tools = {
  '@types/node': '^20.19.43',
  'fast-check': '^4.10.2',
  typescript: '^6.0.3',
  vitest: '^4.1.12',
  zod: '^4.6.7',
} as const

/** The files of a new wearable: small, whole, and bronze at once. */
export function wearableFiles(names: ScaffoldNames): Record<string, string> {
  return {
    'package.json': manifest(names),
    'tsconfig.json': tsconfig,
    'tsconfig.build.json': tsconfigBuild,
    'src/index.ts': source(names),
    'fixtures/readings.json': fixture,
    [`test/${names.id}.test.ts`]: test(names),
    'README.md': readme(names),
  }
}

function manifest({ id, version }: ScaffoldNames): string {
  const { zod, ...others } = tools
  return `${JSON.stringify(
    {
      name: `auren-plugin-${id}`,
      version: '0.1.0',
      description: `${id} for AUREN`,
      type: 'module',
      engines: { node: '>=20.19' },
      files: ['dist'],
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      scripts: { build: 'tsc -p tsconfig.build.json', typecheck: 'tsc --noEmit', test: 'vitest run' },
      dependencies: { zod },
      peerDependencies: { '@auren/core': `^${version}` },
      devDependencies: { '@auren/core': `^${version}`, ...others },
    },
    null,
    2,
  )}\n`
}

const tsconfig = `{
  "compilerOptions": {
    "target": "ES2023",
    "lib": ["ES2023"],
    "module": "NodeNext",
    "strict": true,
    "exactOptionalPropertyTypes": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "resolveJsonModule": true,
    "skipLibCheck": true,
    "types": ["node"]
  },
  "include": ["src", "test", "fixtures"]
}
`

const tsconfigBuild = `{
  "extends": "./tsconfig.json",
  "compilerOptions": { "rootDir": "src", "outDir": "dist", "declaration": true, "sourceMap": true },
  "include": ["src"]
}
`

function source({ id, factory }: ScaffoldNames): string {
  return `import { defineWearable, type NormalizeContext, type ObservationInput } from '@auren/core'
import { z } from 'zod'

/** One value, as the device writes it. Unknown fields are left alone: vendors add some every few months. */
const Reading = z.object({
  id: z.string().min(1).max(200),
  /** ISO 8601 with the person's offset. */
  at: z.iso.datetime({ offset: true }),
  /** Beats a minute; null where nothing was measured. */
  bpm: z.number().nullish(),
})

/** What arrives at once. Its items are held to their schema one by one, so that a broken one does not take the others along. */
export const Payload = z.object({ device: z.string().min(1).max(200), readings: z.array(z.unknown()).max(10_000) })
export type Payload = z.infer<typeof Payload>

/** ${id}: what it is, where its data come from, and what is read of them. */
export function ${factory}() {
  return defineWearable({ kind: 'wearable', id: '${id}', version: '0.1.0', payload: Payload, normalize })
}

/** Pure: no clock, no chance, no network. What cannot be read is set aside with the reason. */
function* normalize({ device, readings }: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const item of readings) {
    const parsed = Reading.safeParse(item)
    if (!parsed.success) {
      ctx.reject(item, 'reading_unreadable', 'A reading lacks its id or its time, or has another form.')
      continue
    }
    const { id, at, bpm } = parsed.data
    // Not measured is not zero.
    if (bpm === null || bpm === undefined) continue
    yield {
      shape: 'sample',
      metric: 'heart_rate',
      start: Date.parse(at),
      value: bpm,
      unit: '/min',
      source: { name: device, type: 'watch' },
      offset: offsetOf(at),
      zoneBasis: 'carried',
      // Sent again with another value it is a correction: the same record.
      recordId: \`reading/\${id}\`,
    }
  }
}

/** Minutes from UTC, as the text says them. */
function offsetOf(stamp: string): number {
  const [, sign, hours, minutes] = /([+-])(\\d\\d):(\\d\\d)$/.exec(stamp) ?? []
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return sign === '-' ? -offset : offset
}
`
}

const fixture = `{
  "device": "An invented watch",
  "readings": [
    { "id": "r1", "at": "2026-03-29T01:59:00+01:00", "bpm": 58 },
    { "id": "r2", "at": "2026-03-29T03:00:00+02:00", "bpm": 61 },
    { "id": "r3", "at": "2026-03-29T03:01:00+02:00", "bpm": null }
  ]
}
`

function test({ id, factory }: ScaffoldNames): string {
  return `import { readFileSync } from 'node:fs'
import { qualityOf, wearableConformance } from '@auren/core/testing'
import * as vitest from 'vitest'
import { ${factory} } from '../src/index.js'

const payload: unknown = JSON.parse(readFileSync(new URL('../fixtures/readings.json', import.meta.url), 'utf8'))

// Write down by hand what each payload must become. Never copy it from what comes out.
const seen = wearableConformance(${factory}(), {
  runner: vitest,
  golden: [
    {
      name: 'two readings around a clock change, and one that is none',
      payload,
      expect: [
        { metric: 'heart_rate', start: Date.UTC(2026, 2, 29, 0, 59), value: 58, unit: '/min', offset: 60 },
        { metric: 'heart_rate', start: Date.UTC(2026, 2, 29, 1, 0), value: 61, unit: '/min', offset: 120 },
      ],
      exact: true,
      aside: [],
    },
  ],
})

vitest.it('${id} is bronze at least', () => {
  vitest.expect(qualityOf(seen).quality).not.toBeNull()
})
`
}

function readme({ id, factory }: ScaffoldNames): string {
  return `# ${id}

A wearable plugin of AUREN.

\`\`\`sh
npm install
npm test            # the conformance kit of @auren/core/testing
npm run typecheck
npm run build
\`\`\`

\`\`\`ts
import { createAuren } from '@auren/core'
import { ${factory} } from 'auren-plugin-${id}'

const auren = await createAuren({ plugins: [${factory}(), …] })
\`\`\`

What is read, how it is understood (units, zones, identity, corrections), what is left out and why: say it here.
`
}
