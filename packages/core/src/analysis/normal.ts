/**
 * Complementary error function to about 1e-14 relative: Kummer's series of erf below 2.5 (Abramowitz & Stegun 7.1.6),
 * the continued fraction above (7.1.14), evaluated from the tail.
 */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x < 2.5) {
    let term = x
    let total = x
    for (let n = 1; Math.abs(term) > 1e-18 * total; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      total += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
  }
  let tail = x
  for (let k = 120; k >= 1; k--) tail = x + k / 2 / tail
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail)
}

/** Standard normal distribution function Φ. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / Math.SQRT2)
}

/** Two-sided p-value of a standard normal z. */
export function twoSidedP(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2)
}

/** Φ⁻¹ by bisection on {@link normalCdf}, p in (0, 1), to about 1e-13; ±Infinity at the ends. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  let low = -40
  let high = 40
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
