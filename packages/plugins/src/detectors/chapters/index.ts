import {
  type Chapter,
  type ChapterLevel,
  chaptersOf,
  type DetectorPlugin,
  defineDetector,
  formatClock,
  formatQuantity,
  joinQuantity,
  metricTitle,
  SLEEP_MIDPOINT,
} from '@auren/core'

/**
 * Chapters of a life: stretches of months or years in which sleep, heart, steps and weight keep their levels, and what
 * changed when each began. What coincides is named as that, never as a cause. Stands on the ladder's whole weeks.
 */
export function chapters(): DetectorPlugin<'chapters', never> {
  return defineDetector({
    kind: 'detector',
    id: 'chapters',
    version: '1.1.0',
    reads: { metrics: [], rungs: ['week'], spans: true },
    run: (view) =>
      chaptersOf((series) => view.rows('week', series), view.spans(), view.today).map((chapter) => {
        const { from, to, until, weeks, levels, together, gapBefore } = chapter
        return {
          key: from,
          kind: 'episode',
          about: levels.map(({ series }) => series),
          text: textOf(chapter),
          body: { chapter: true, from, to, until, weeks, levels, together, gapBefore },
          confidence: confidenceOf(levels),
          validFrom: from,
          // Tier 3 has half-open intervals: the day after the last.
          validTo: to === null ? null : dayAfter(to),
          derivedFrom: [
            ...levels.map(({ series }) => `days:${series}/${from}/${until}`),
            ...together.map(({ ref }) => ref),
          ],
        }
      }),
  })
}

/** The least sure of its changes; of a chapter that begins with the data, how much of it was measured. */
function confidenceOf(levels: readonly ChapterLevel[]): number {
  const qs = levels.flatMap(({ q }) => q ?? [])
  if (qs.length > 0) return 1 - Math.max(...qs)
  return levels.length === 0 ? 0 : Math.min(...levels.map(({ coverage }) => coverage))
}

function dayAfter(date: string): string {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)
}

/** `2021-03 to 2022-09: 40 min less time asleep (6 h 20 min), sleep later by 3 h (middle 06:10). Together with: night shift.` */
function textOf({ from, to, weeks, levels, together, gapBefore }: Chapter): string {
  const when = to === null ? `Since ${from.slice(0, 7)}` : `${from.slice(0, 7)} to ${to.slice(0, 7)}`
  const changed = levels.filter(({ shift }) => shift !== null)
  const told = changed.length > 0 ? changed : levels.slice(0, 4)
  const after = gapBefore > 0 ? ` After ${gapBefore} weeks without data.` : ''
  const names = together.map(({ name }) => name.replaceAll(/[_\s]+/g, ' ').slice(0, 40)).join(', ')
  const beside = names === '' ? '' : ` Together with: ${names}.`
  return `${when} (${weeks} weeks): ${told.map((level) => phraseOf(level, from)).join(', ')}.${after}${beside}`
}

/** Units of what there is more or less of; others are higher or lower. */
const counted: ReadonlySet<string> = new Set(['s', 'min', '{steps}', 'kcal'])

function phraseOf({ series, unit, median, shift, since, gradual, device }: ChapterLevel, from: string): string {
  const month = since?.slice(0, 7)
  const later = month === undefined || month === from.slice(0, 7) ? '' : `, since ${month}`
  const slowly = `${later}${gradual ? ', gradually' : ''}${device ? ', measured by another device since' : ''}`
  if (series === SLEEP_MIDPOINT) {
    const middle = formatClock(Math.round(median))
    if (shift === null) return `middle of sleep at ${middle}`
    const by = joinQuantity(formatQuantity(Math.abs(shift), 'min', {}, { delta: true }))
    return `sleep ${shift > 0 ? 'later' : 'earlier'} by ${by} (middle ${middle})${slowly}`
  }
  const level = joinQuantity(formatQuantity(median, unit, {}, { metric: series }))
  const title = metricTitle(series)
  if (shift === null) return `${title} ${level}`
  const by = joinQuantity(formatQuantity(Math.abs(shift), unit, {}, { metric: series, delta: true }))
  const word = counted.has(unit) ? (shift > 0 ? 'more' : 'less') : shift > 0 ? 'higher' : 'lower'
  return `${by} ${word} ${title} (${level})${slowly}`
}
