import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../src/tokens.css'), 'utf8')
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    [light as string, dark as string] as const,
  ]),
)

/** Relative luminance of an sRGB colour (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['bg', 'surface', 'surface-2']
const text = [
  ...grounds.flatMap((ground) => ['ink', 'ink-2', 'accent', 'notice', 'danger'].map((ink) => [ink, ground])),
  ['accent', 'accent-soft'],
  ['ink', 'notice-soft'],
  ['ink', 'danger-soft'],
  ['notice', 'notice-soft'],
  ['accent-ink', 'accent'],
  ['danger-ink', 'danger'],
]
const marks = [
  ['edge', 'bg'],
  ['edge', 'surface'],
  ['accent', 'band'],
  ['notice', 'surface'],
  ['ink-2', 'band'],
]

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('colours in the %s shade', (_, shade) => {
  const of = (ink: string, ground: string) => contrast(tokens.get(ink)![shade], tokens.get(ground)![shade])

  it.each(text)('text: %s on %s is at least 4.5', (ink, ground) => {
    expect(of(ink as string, ground as string)).toBeGreaterThanOrEqual(4.5)
  })
  it.each(marks)('marks: %s on %s is at least 3', (mark, ground) => {
    expect(of(mark as string, ground as string)).toBeGreaterThanOrEqual(3)
  })
})
