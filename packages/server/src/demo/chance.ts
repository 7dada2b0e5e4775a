import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Seeded chance: the same seed and the same calls give the same person. */
export interface Chance {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Normal, by Box and Muller. */
  normal(mean: number, sd: number): number
  happens(probability: number): boolean
}

/** Chance of one day: days are independent of each other, so any of them can be made alone. */
export function chanceOf(seed: number, day: number): Chance {
  const generator = xoroshiro128plus(Math.imul(seed, 2_654_435_761) ^ Math.imul(day + 1, 40_503))
  const uniform = (): number => uniformFloat64(generator)
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 16; i++) uniform()
  return {
    uniform,
    normal: (mean, sd) => mean + sd * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    happens: (probability) => uniform() < probability,
  }
}
