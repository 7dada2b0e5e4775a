// The curve as a picture: no library, no clock, the same figures give the same bytes.
import { type AgeShare, type SystemId, systems } from './score.js'

const WIDTH = 760
const HEIGHT = 400
const left = 56
const right = 610
const top = 64
const bottom = 330

const colours: Readonly<Record<Exclude<SystemId, 'all'>, { light: string; dark: string; dash: string }>> = {
  auren: { light: '#0b6e4f', dark: '#4cd6a3', dash: '' },
  bm25: { light: '#b3541e', dark: '#ffa66b', dash: '7 4' },
  store: { light: '#5b4bb5', dark: '#b0a4ff', dash: '2 4' },
  window: { light: '#8a8f98', dark: '#a6adb8', dash: '10 4 2 4' },
}

const place = (age: number, years: number): number => left + ((right - left) * age) / years
const height = (part: number): number => bottom - (bottom - top) * part
const fixed = (value: number): string => value.toFixed(1)

/** Draws the share of right answers by age, a line for each system. */
export function drawCurve(
  ages: readonly AgeShare[],
  { questions, persons, years }: { questions: number; persons: number; years: number },
): string {
  const drawn = systems.filter((system) => system.id !== 'all') as { id: Exclude<SystemId, 'all'>; name: string }[]
  const css = drawn.flatMap(({ id }) => [`.${id}{--c:${colours[id].light}}`])
  const night = drawn.flatMap(({ id }) => [`.${id}{--c:${colours[id].dark}}`])
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<path class="grid" d="M${left} ${fixed(height(part))}H${right}"/><text class="axis" x="${left - 8}" y="${fixed(height(part) + 4)}" text-anchor="end">${part * 100} %</text>`,
  )
  const ticks = Array.from(
    { length: years + 1 },
    (_, year) =>
      `<text class="axis" x="${fixed(place(year, years))}" y="${bottom + 20}" text-anchor="middle">${year}</text>`,
  )
  const lines = drawn.toReversed().map(({ id }) => {
    const points = ages.map(({ age, shares }) => [place(age, years), height(shares[id])] as const)
    const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${fixed(x)} ${fixed(y)}`).join('')
    const dots = points.map(([x, y]) => `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3"/>`).join('')
    const dash = colours[id].dash === '' ? '' : ` stroke-dasharray="${colours[id].dash}"`
    return `<g class="${id}"><path class="line" d="${path}"${dash}/>${dots}</g>`
  })
  const labels = spread(drawn.map(({ id }) => height(ages.at(-1)?.shares[id] ?? 0))).map((y, i) => {
    const { id, name } = drawn[i] as (typeof drawn)[number]
    return `<text class="label ${id}" x="${right + 10}" y="${fixed(y + 4)}">${name}</text>`
  })
  const sizes = ages.map(({ n }) => n)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title desc">
<title id="title">Right answers by the age of what is asked about</title>
<desc id="desc">${drawn.map(({ id, name }) => `${name}: ${ages.map(({ shares }) => Math.round(100 * shares[id])).join(', ')} %`).join('; ')}</desc>
<style>
svg{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;--ink:#1d2430;--soft:#5b6472;--rule:#d9dde3;--paper:#ffffff}
${css.join('')}
@media (prefers-color-scheme:dark){svg{--ink:#eef1f5;--soft:#aab2bf;--rule:#363d49;--paper:#12161d}${night.join('')}}
.paper{fill:var(--paper)}.title{fill:var(--ink);font-size:16px;font-weight:600}.sub,.axis{fill:var(--soft)}.axis{font-size:12px}
.grid{stroke:var(--rule);fill:none}.line{stroke:var(--c);fill:none;stroke-width:2.4;stroke-linejoin:round}circle{fill:var(--c)}.label{fill:var(--c);font-weight:600}
</style>
<rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
<text class="title" x="${left}" y="28">Right answers by the age of what is asked about</text>
<text class="sub" x="${left}" y="48">${questions} questions about ${persons} invented persons, ${years} years each; ${Math.min(...sizes)} to ${Math.max(...sizes)} per point</text>
${grid.join('\n')}
${ticks.join('\n')}
<text class="axis" x="${(left + right) / 2}" y="${bottom + 42}" text-anchor="middle">years ago (the first point: the last 30 days)</text>
${lines.join('\n')}
${labels.join('\n')}
</svg>
`
}

/** Moves labels apart, in the order of their height. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y || a.i - b.i)
  const placed = [...heights]
  let last = Number.NEGATIVE_INFINITY
  for (const { y, i } of order) {
    last = Math.max(y, last + 18)
    placed[i] = last
  }
  const over = Math.max(0, last - (bottom - 2))
  return placed.map((y) => y - over)
}
