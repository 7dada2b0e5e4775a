import { mean } from './moments.js'

/** A cosine through a rhythm. */
export interface Cosinor {
  /** Level of the fitted curve. */
  mesor: number
  amplitude: number
  /** Time of the peak, in the unit of `t`, in [0, period). */
  acrophase: number
  /** Share of variance explained, 0 … 1. */
  r2: number
  /** F of the fit with 2 and n − 3 degrees of freedom. */
  f: number
}

/**
 * Single-component cosinor y = M + A·cos(2πt/T) + B·sin(2πt/T) by least squares (Nelson et al., Chronobiologia 6, 1979).
 * Null for fewer than four points or a constant series.
 */
export function cosinor(points: readonly { t: number; y: number }[], period: number): Cosinor | null {
  const n = points.length
  if (n < 4) return null
  const centre = mean(points.map((point) => point.y))
  const columns = points.map(({ t }) => [Math.cos((2 * Math.PI * t) / period), Math.sin((2 * Math.PI * t) / period)])
  const c = columns.map((column) => column[0]!)
  const s = columns.map((column) => column[1]!)
  const [cBar, sBar] = [mean(c), mean(s)]
  let cc = 0
  let ss = 0
  let cs = 0
  let cy = 0
  let sy = 0
  let yy = 0
  points.forEach(({ y }, i) => {
    const [dc, ds, dy] = [c[i]! - cBar, s[i]! - sBar, y - centre]
    cc += dc * dc
    ss += ds * ds
    cs += dc * ds
    cy += dc * dy
    sy += ds * dy
    yy += dy * dy
  })
  const determinant = cc * ss - cs * cs
  if (determinant === 0 || yy === 0) return null
  const a = (cy * ss - sy * cs) / determinant
  const b = (sy * cc - cy * cs) / determinant
  const explained = a * cy + b * sy
  const turn = Math.atan2(b, a) / (2 * Math.PI)
  return {
    mesor: centre - a * cBar - b * sBar,
    amplitude: Math.hypot(a, b),
    acrophase: (turn < 0 ? turn + 1 : turn) * period,
    r2: explained / yy,
    f: explained / 2 / ((yy - explained) / (n - 3)),
  }
}
