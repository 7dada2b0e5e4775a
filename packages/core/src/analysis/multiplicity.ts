/** Step-up adjustment: q_(i) = min over j ≥ i of min(1, p_(j)·m·c/j). */
function stepUp(ps: readonly number[], factor: number): number[] {
  const m = ps.length
  const order = ps.map((_, i) => i).sort((a, b) => ps[b]! - ps[a]!)
  const adjusted = new Array<number>(m)
  let lowest = 1
  order.forEach((index, i) => {
    lowest = Math.min(lowest, (ps[index]! * m * factor) / (m - i))
    adjusted[index] = lowest
  })
  return adjusted
}

/** False discovery rate q-values for independent tests (Benjamini & Hochberg, JRSS B 57, 1995), in the order given. */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  return stepUp(ps, 1)
}

/** False discovery rate under any dependence (Benjamini & Yekutieli, Ann. Stat. 29, 2001), in the order given. */
export function benjaminiYekutieli(ps: readonly number[]): number[] {
  let harmonic = 0
  for (let i = 1; i <= ps.length; i++) harmonic += 1 / i
  return stepUp(ps, harmonic)
}
