import { expect, it } from 'vitest'
import { metric, metricIds } from '../../src/catalogue/index.js'

it('finds metrics of the catalogue, of plugins and of templates, and no others', () => {
  expect(metric('heart_rate')).toMatchObject({ id: 'heart_rate', unit: '/min', sparse: false })
  const registry = { 'ring.glow': { unit: '1', aggregates: ['last'], kind: 'vendor_score', sparse: true } } as const
  expect(metric('ring.glow')).toBeUndefined()
  expect(metric('ring.glow', registry)).toMatchObject({ unit: '1', aggregates: ['last'], sparse: true })
  expect(metric('oura.readiness_score')).toMatchObject({ id: 'oura.readiness_score', kind: 'vendor_score' })
  expect(metric('readiness_score')).toBeUndefined()
  expect(metric('oura.heart_rate')).toBeUndefined()
  expect(metric('constructor')).toBeUndefined()
  expect(metricIds).toHaveLength(76 - 5)
})
