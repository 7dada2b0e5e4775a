import {
  baselines as baselinesOf,
  type DetectorPlugin,
  defineDetector,
  formatQuantity,
  joinQuantity,
  metric,
  metricTitle,
  type Proposal,
} from '@auren/core'

/**
 * What is usual for the person: median and robust spread of each metric over the 28, 90 and 365 days before today.
 * Fewer than 14 days with a value give no baseline, and neither do sessions, which are counted on the days that have one.
 * Source of the spread: Iglewicz & Hoaglin 1993.
 */
export function baselines(): DetectorPlugin<'baselines', never> {
  return defineDetector({
    kind: 'detector',
    id: 'baselines',
    version: '1.2.0',
    reads: { metrics: '*', days: 365 },
    run(view) {
      const proposals: Proposal[] = []
      for (const id of view.metrics()) {
        // Days without a workout have no row: of the days with one, nothing usual can be told.
        if (metric(id)?.shape === 'session') continue
        const unit = metric(id)?.unit ?? ''
        const show = (value: number): string => joinQuantity(formatQuantity(value, unit, {}, { metric: id }))
        const days = view.days(id)
        for (const baseline of baselinesOf(days, view.today)) {
          const { window, n, median, spread, low, high, validFrom, validTo } = baseline
          proposals.push({
            key: `${id}/${window}`,
            kind: 'baseline',
            about: [id],
            text: `Usual ${metricTitle(id)} over ${window} days: ${show(median)} (between ${show(low)} and ${show(high)} on most days, n ${n}).`,
            body: { metric: id, window, n, median, spread, low, high, validFrom, validTo, unit },
            confidence: null,
            evidence: [
              {
                ref: `days:${id}/${validFrom}/${validTo}`,
                // A ring that lies in a drawer adds no days: what is usual then fades.
                last: lastOf(days, validTo),
                for: n,
                against: 0,
              },
            ],
            validFrom,
            validTo: null,
          })
        }
      }
      return proposals
    },
  })
}

/** The last day with a value, up to one. */
function lastOf(days: readonly { date: string }[], until: string): string {
  return days.reduce((last, { date }) => (date > last && date <= until ? date : last), days[0]?.date ?? until)
}
