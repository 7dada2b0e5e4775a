import { describe, expect, it } from 'vitest'
import { googleHealth } from '../src/wearables/google-health/index.js'

const plugin = googleHealth({ clientId: 'c', clientSecret: 's', webhookSecret: 'Bearer long enough' })

describe('notifications', () => {
  const plan = (body: unknown) => plugin.webhook?.plan(body, { receivedAt: 0 })
  const physicalTimeInterval = { startTime: '2026-03-08T01:29:00Z', endTime: '2026-03-08T01:34:00Z' }
  const told = (more: object = {}) => ({
    data: {
      healthUserId: 'h-0001',
      dataType: 'steps',
      operation: 'UPSERT',
      intervals: [{ physicalTimeInterval }],
      ...more,
    },
  })
  const params = { from: '2026-03-08T01:29:00.000Z', to: '2026-03-08T01:34:00.000Z' }

  it('name what is to be fetched for whom, alone or in a list, in the words of live traffic', () => {
    expect(plan(told())).toEqual([{ account: 'h-0001', fetch: [{ resource: 'steps', params }] }])
    expect(
      plan([
        told({ dataType: 'bodyFat', operation: 'UPDATE' }),
        told({ dataType: 'totalCalories' }),
        told({ healthUserId: 'h-0002' }),
      ]),
    ).toEqual([
      {
        account: 'h-0001',
        fetch: [
          { resource: 'body-fat', params },
          { resource: 'total-calories', params },
        ],
      },
      { account: 'h-0002', fetch: [{ resource: 'steps', params }] },
    ])
  })

  it('of a deletion say so, for nobody can tell from an empty answer alone', () => {
    expect(plan(told({ operation: 'DELETE' }))).toEqual([
      { account: 'h-0001', fetch: [{ resource: 'steps', params: { ...params, deletion: 'true' } }] },
    ])
  })

  it('with civil times only are taken a day wider; without any, for what is new', () => {
    const civilIso8601TimeInterval = { startTime: '2026-03-07T17:29:00', endTime: '2026-03-07T17:34:00' }
    const wide = { from: '2026-03-06T17:29:00.000Z', to: '2026-03-09T17:34:00.000Z' }
    expect(plan(told({ intervals: [{ civilIso8601TimeInterval }] }))?.[0]?.fetch).toEqual([
      { resource: 'steps', params: wide },
    ])
    expect(plan(told({ intervals: null, civilIso8601TimeInterval }))?.[0]?.fetch).toEqual([
      { resource: 'steps', params: wide },
    ])
    const dates = {
      startDateTime: { date: { year: 2026, month: 3, day: 7 } },
      endDateTime: { date: { year: 2026, month: 3, day: 7 } },
    }
    expect(plan(told({ intervals: [{ civilDateTimeInterval: dates }] }))?.[0]?.fetch?.[0]?.params).toEqual({
      from: '2026-03-06T00:00:00.000Z',
      to: '2026-03-09T00:00:00.000Z',
    })
    expect(plan(told({ intervals: [] }))?.[0]?.fetch).toEqual([{ resource: 'steps' }])
  })

  it('with many overlapping parts lead to few questions', () => {
    const part = (minute: number) => ({
      physicalTimeInterval: {
        startTime: new Date(Date.UTC(2026, 2, 8) + minute * 60_000).toISOString(),
        endTime: new Date(Date.UTC(2026, 2, 8) + (minute + 5) * 60_000).toISOString(),
      },
    })
    expect(plan(told({ intervals: [part(0), part(3), part(60)] }))?.[0]?.fetch).toHaveLength(2)
    const scattered = Array.from({ length: 500 }, (_, i) => part(i * 30))
    expect(plan(told({ intervals: scattered }))?.[0]?.fetch).toHaveLength(1)
  })

  it('of types that are not read are accepted; what is none is refused, and beside others set aside', () => {
    expect(plan(told({ dataType: 'irregular-rhythm-notification' }))).toEqual([{ account: 'h-0001' }])
    expect(() => plan({ type: 'other' })).toThrow(expect.objectContaining({ code: 'AUREN_PAYLOAD_INVALID' }))
    expect(() => plan([])).toThrow()
    expect(plan([told(), { data: {} }])?.map(({ account }) => account)).toEqual(['h-0001', 'no-user-id'])
  })
})
