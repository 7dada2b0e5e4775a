import { mean, standardDeviation } from './moments.js'

/** Beat-to-beat intervals in ms; null where a beat was removed. */
export type Beats = readonly (number | null)[]

/** Time-domain heart rate variability. */
export interface TimeDomainHrv {
  /** Intervals left. */
  n: number
  /** ms */
  mean: number
  /** Standard deviation of the intervals (n − 1), ms. */
  sdnn: number
  /** Root mean square of successive differences, ms. */
  rmssd: number
  /** Successive differences above 50 ms: how many, and per cent of the differences. */
  nn50: number
  pnn50: number
}

/**
 * SDNN, RMSSD and pNN50 as the Task Force (Circulation 93, 1996) defines them; pNN50 divides by the number of
 * differences. A difference across a removed beat is dropped, never bridged. Null for fewer than two differences.
 */
export function timeDomainHrv(beats: Beats): TimeDomainHrv | null {
  const kept = beats.filter((beat): beat is number => beat !== null)
  const differences: number[] = []
  for (let i = 1; i < beats.length; i++) {
    const before = beats[i - 1]!
    const beat = beats[i]!
    if (before !== null && beat !== null) differences.push(beat - before)
  }
  if (differences.length < 2) return null
  const nn50 = differences.filter((difference) => Math.abs(difference) > 50).length
  return {
    n: kept.length,
    mean: mean(kept),
    sdnn: standardDeviation(kept),
    rmssd: Math.sqrt(mean(differences.map((difference) => difference ** 2))),
    nn50,
    pnn50: (100 * nn50) / differences.length,
  }
}

/** Removes intervals that no heart makes: outside low … high ms (both kept). */
export function removeOutOfRange(beats: readonly number[], low = 300, high = 2000): (number | null)[] {
  return beats.map((beat) => (beat < low || beat > high ? null : beat))
}

/** Whether an interval may follow the one before it. */
const follows = {
  /** At most 20 % from the one before (Malik 1989). */
  malik: (before: number, beat: number) => Math.abs(before - beat) <= 0.2 * before,
  /** At most 32.5 % longer or 24.5 % shorter (Kamath & Fallen 1995). */
  kamath: (before: number, beat: number) =>
    beat >= before ? beat - before <= 0.325 * before : before - beat <= 0.245 * before,
}

/**
 * Removes ectopic beats by comparison with the beat before; the beat after a removed one is kept, as the
 * reference implementation (hrv-analysis, remove_ectopic_beats) does.
 */
export function removeEctopic(beats: readonly number[], rule: keyof typeof follows = 'malik'): (number | null)[] {
  const kept: (number | null)[] = []
  beats.forEach((beat, i) => {
    const fits = i === 0 || kept[i - 1] === null || follows[rule](beats[i - 1]!, beat)
    kept.push(fits ? beat : null)
  })
  return kept
}

/** Removes a beat that is 20 % or more from the mean of its two neighbours (Karlsson 2012; as hrv-analysis). */
export function removeEctopicKarlsson(beats: readonly number[]): (number | null)[] {
  return beats.map((beat, i) => {
    if (i === 0 || i === beats.length - 1) return beat
    const expected = (beats[i - 1]! + beats[i + 1]!) / 2
    return Math.abs(expected - beat) < 0.2 * expected ? beat : null
  })
}

/** Removes a beat that is 20 % or more from the mean of the last nine (Acar 2000; as hrv-analysis). */
export function removeEctopicAcar(beats: readonly number[]): (number | null)[] {
  const kept: (number | null)[] = []
  for (const beat of beats) {
    const recent = kept.slice(-9).filter((value): value is number => value !== null)
    const fits = kept.length < 9 || Math.abs(mean(recent) - beat) < 0.2 * mean(recent)
    kept.push(fits ? beat : null)
  }
  return kept
}
