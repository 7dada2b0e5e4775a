import { ewma } from './smoothing.js'

/**
 * Banister's training impulse: minutes · HRr · 0.64·e^(1.92·HRr) for men, 0.86·e^(1.67·HRr) for women, with the heart
 * rate reserve HRr = (mean − resting)/(maximal − resting) in 0 … 1 (Banister 1991).
 */
export function trimp(minutes: number, reserve: number, sex: 'male' | 'female'): number {
  const weight = sex === 'male' ? 0.64 * Math.exp(1.92 * reserve) : 0.86 * Math.exp(1.67 * reserve)
  return minutes * reserve * weight
}

/** Fitness or fatigue: a running mean of daily load from 0 with x += (load − x)/days (42 and 7 in TrainingPeaks). */
export function trainingLoad(loads: readonly number[], days: number): number[] {
  return ewma(loads, 1 / days, 0)
}

/**
 * Acute to chronic workload by EWMA with lambda = 2/(N + 1), both starting at the first load (Williams et al., BJSM 51,
 * 2017). Descriptive only: what it says of injury is contested. Null for no loads or a chronic load of 0.
 */
export function acuteChronicRatio(loads: readonly number[], acute = 7, chronic = 28): number | null {
  const short = ewma(loads, 2 / (acute + 1)).at(-1)
  const long = ewma(loads, 2 / (chronic + 1)).at(-1)
  return short === undefined || long === undefined || long === 0 ? null : short / long
}
