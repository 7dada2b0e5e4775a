import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createInstruments } from '../src/observe/instruments.js'
import { type Installation, install } from './harness.js'
import { readPromql, readRules } from './observe/promql.js'
import { parseScrape } from './observe/scrape.js'

const deploy = resolve(import.meta.dirname, '../../../deploy')
const dashboards = readdirSync(join(deploy, 'grafana/dashboards')).sort()
const rules = readRules(readFileSync(join(deploy, 'prometheus/rules/auren.yml'), 'utf8'))
const operate = readFileSync(resolve(deploy, '../docs/operate.md'), 'utf8')

const Source = z.strictObject({ type: z.literal('prometheus'), uid: z.literal(['$', '{datasource}'].join('')) })
const Panel = z.looseObject({
  id: z.int().positive(),
  type: z.enum(['stat', 'timeseries']),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource: Source,
  gridPos: z.strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) }),
  fieldConfig: z.looseObject({
    defaults: z.looseObject({
      unit: z.string().min(1),
      thresholds: z.strictObject({
        mode: z.literal('absolute'),
        steps: z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })).min(1),
      }),
    }),
  }),
  targets: z
    .array(z.looseObject({ datasource: Source, expr: z.string().min(1), refId: z.string().regex(/^[A-Z]$/) }))
    .min(1),
})
/** What Grafana 11 wants of a dashboard that is provisioned from a file. */
const Dashboard = z.looseObject({
  uid: z.string().regex(/^auren-[a-z]+$/),
  title: z.string().min(1),
  schemaVersion: z.int().min(39),
  editable: z.literal(false),
  templating: z.looseObject({
    list: z
      .array(z.looseObject({ name: z.string(), type: z.string(), query: z.string() }))
      .refine(([first]) => first?.name === 'datasource' && first.type === 'datasource' && first.query === 'prometheus'),
  }),
  panels: z.array(Panel).min(1),
})

const read = (file: string) =>
  Dashboard.parse(JSON.parse(readFileSync(join(deploy, 'grafana/dashboards', file), 'utf8')) as unknown)

describe('the reader of PromQL', () => {
  it.each([
    ['up == 0', [['up']], []],
    ['sum by (a, b) (rate(x_total{l="v",m!~"w{2}|\\"q"}[5m])) / 2', [['x_total', 'l', 'm']], ['a', 'b']],
    ['a:b:ratio_rate1h > 14.4 * 0.001 and up offset 5m', [['a:b:ratio_rate1h'], ['up']], []],
    ['histogram_quantile(0.99, sum by (le) (rate(y_bucket[$__rate_interval])))', [['y_bucket']], ['le']],
    ['max(abs(z)) > 0 or on (job) vector(1)', [['z']], ['job']],
  ])('finds names and labels in %s', (expression, metrics, grouped) => {
    const asked = readPromql(expression)
    expect(asked.metrics.map(({ name, labels }) => [name, ...labels])).toEqual(metrics)
    expect(asked.grouped).toEqual(grouped)
  })
})

describe('what is asked in rules and dashboards', () => {
  let here: Installation
  /** Series names of a running service, with the labels that each may have. */
  const known = new Map<string, ReadonlySet<string>>()

  beforeAll(async () => {
    here = await install()
    await fetch(`${here.services.addresses.biometric}/healthz`)
    const { types } = parseScrape(await (await fetch(`${here.services.addresses.neuros}/metrics`)).text())
    const declared = new Map(
      createInstruments()
        .registry.getMetricsAsArray()
        .map((metric) => [metric.name, (metric as unknown as { labelNames?: string[] }).labelNames ?? []]),
    )
    const target = ['job', 'instance']
    for (const [name, type] of types) {
      const labels = [...(declared.get(name) ?? []), ...target]
      known.set(name, new Set(labels))
      if (type === 'histogram') known.set(`${name}_bucket`, new Set([...labels, 'le']))
      if (type === 'histogram' || type === 'summary')
        for (const end of ['_sum', '_count']) known.set(`${name}${end}`, new Set(labels))
    }
    // Prometheus itself makes these.
    known.set('up', new Set(target))
    for (const rule of rules) if (!rule.alert) known.set(rule.name, new Set())
  })
  afterAll(async () => {
    await here.close()
    await here.remove()
  })

  const strangers = (expression: string): string[] => {
    const { metrics, grouped } = readPromql(expression)
    const labels = new Set(metrics.flatMap(({ name }) => [...(known.get(name) ?? [])]))
    return [
      ...metrics.flatMap(({ name }) => (known.has(name) ? [] : `no metric ${name}`)),
      ...metrics.flatMap(({ name, labels }) =>
        labels.filter((label) => !known.get(name)?.has(label)).map((label) => `${name} has no label ${label}`),
      ),
      ...grouped.filter((label) => !labels.has(label)).map((label) => `no label ${label}`),
      ...(metrics.length === 0 ? ['asks for nothing'] : []),
    ]
  }

  it('would notice a metric or a label that there is not', () => {
    expect(strangers('rate(auren_nothing_total[5m])')).toEqual(['no metric auren_nothing_total'])
    expect(strangers('sum by (person) (auren_outbox_waiting{user="x"})')).toEqual([
      'auren_outbox_waiting has no label user',
      'no label person',
    ])
  })

  it.each(rules.map(({ name, expr }) => [name, expr]))('rule %s', (_, expr) => {
    expect(strangers(expr)).toEqual([])
  })

  it.each(dashboards)('dashboard %s', (file) => {
    const { panels } = read(file)
    const asked = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })))
    expect(asked.flatMap(({ title, expr }) => strangers(expr).map((wrong) => `${title}: ${wrong}`))).toEqual([])
  })
})

describe('dashboards', () => {
  it('are the four, each with an id of its own', () => {
    expect(dashboards).toEqual(['infrastructure.json', 'ingest.json', 'memory.json', 'neuros.json'])
    expect(new Set(dashboards.map((file) => read(file).uid)).size).toBe(4)
  })

  it.each(dashboards)('%s has panels that fit and do not overlap', (file) => {
    const { panels } = read(file)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const taken = new Set<string>()
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`), title).toBe(false)
          taken.add(`${x},${y}`)
        }
    }
  })
})

describe('alerts', () => {
  it.each(rules.filter(({ alert }) => alert).map(({ name }) => name))('%s is explained to the operator', (name) => {
    // The three speeds of a burn are one page.
    const page = name.replace(/(?<=Burn)(Fast|Steady|Slow)$/, '')
    expect(operate).toMatch(new RegExp(`^#+ .*\\b${page}\\b`, 'm'))
  })

  it('cover what DESIGN G9 and the two objectives ask for', () => {
    const asked = new Set(rules.flatMap(({ expr }) => readPromql(expr).metrics.map(({ name }) => name)))
    for (const name of [
      'auren_log_behind',
      'auren_outbox_oldest_seconds',
      'auren_quarantine_open',
      'auren_reconciliation_difference',
    ])
      expect(asked).toContain(name)
    expect(rules.filter(({ name }) => /Burn(Fast|Steady|Slow)$/.test(name))).toHaveLength(6)
  })
})
