import {
  type DetectorPlugin,
  defineDetector,
  formatClock,
  formatQuantity,
  joinQuantity,
  metricTitle,
  SLEEP_MIDPOINT,
  seasonsOf,
} from '@auren/core'

/**
 * What was usual in each whole year, without days of illness, travel, pregnancy, injury and surgery; and the seasons
 * that recur, where at least two years agree. Stands on the ladder's months and years.
 */
export function years(): DetectorPlugin<'years', never> {
  return defineDetector({
    kind: 'detector',
    id: 'years',
    version: '1.1.0',
    reads: { metrics: [], rungs: ['month', 'year'] },
    run(view) {
      const series = view.series()
      const usual = series.flatMap((id) =>
        view.rows('year', id).flatMap((row) => {
          const { median, spread, low, high, n, coverage, period, from, to, unit, excluded } = row
          if (median === null || low === null || high === null) return []
          const without = excluded.map(({ context, days }) => `${days} days of ${context}`).join(', ')
          return [
            {
              key: `${id}/${period}`,
              kind: 'baseline' as const,
              about: [id],
              text: `Usual ${nameOf(id)} in ${period}: ${show(id, unit, median)} (between ${show(id, unit, low)} and ${show(id, unit, high)} on most days, n ${n}${without === '' ? '' : `, without ${without}`}).`,
              body: { metric: id, period, n, median, spread, low, high, coverage, excluded, unit, from, to },
              confidence: null,
              evidence: [{ ref: `days:${id}/${from}/${to}`, last: to, for: n, against: 0 }],
              validFrom: from,
              validTo: `${Number(period) + 1}-01-01`,
              derivedFrom: [`days:${id}/${from}/${to}`],
            },
          ]
        }),
      )
      const recurring = seasonsOf(new Map(series.map((id) => [id, view.rows('month', id)]))).map((found) => {
        const { series: id, season, effect, unit, years: of, q } = found
        const agree = of.filter((held) => Math.sign(held.effect) === Math.sign(effect))
        const by = joinQuantity(formatQuantity(Math.abs(effect), unit, {}, { metric: id, delta: true }))
        const word = id === SLEEP_MIDPOINT ? (effect > 0 ? 'later' : 'earlier') : effect > 0 ? 'higher' : 'lower'
        const months = view.rows('month', id)
        const [from, to] = [months[0]!.from, months.at(-1)!.to]
        return {
          key: `${id}/${season}`,
          kind: 'pattern' as const,
          about: [id],
          text: `In ${season} ${nameOf(id)} is ${word} by ${by} than in the seasons beside it, in ${agree.length} of ${of.length} years.`,
          body: { metric: id, season, effect, unit, years: of, q },
          confidence: null,
          evidence: [
            { ref: `days:${id}/${from}/${to}`, last: to, for: agree.length, against: of.length - agree.length },
          ],
          validFrom: from,
          validTo: null,
          derivedFrom: [`days:${id}/${from}/${to}`],
        }
      })
      return [...usual, ...recurring]
    },
  })
}

function nameOf(series: string): string {
  return series === SLEEP_MIDPOINT ? 'middle of sleep' : metricTitle(series)
}

function show(series: string, unit: string, value: number): string {
  return series === SLEEP_MIDPOINT
    ? formatClock(Math.round(value) % 1440)
    : joinQuantity(formatQuantity(value, unit, {}, { metric: series }))
}
