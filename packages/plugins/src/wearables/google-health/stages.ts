import type { SleepStage } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** Stages of Google's nights, of both kinds: in the older one, what is not quite asleep is `RESTLESS`, and counts as awake. */
const stages = lookup<SleepStage>({
  AWAKE: 'awake',
  WAKE: 'awake',
  RESTLESS: 'awake',
  LIGHT: 'light',
  DEEP: 'deep',
  REM: 'rem',
  ASLEEP: 'asleep_unspecified',
})

/** The stage of a word; `no_data` where it is not known. */
export function stageOf(word: string): SleepStage {
  const name = word.toUpperCase()
  return Object.hasOwn(stages, name) ? (stages[name] as SleepStage) : 'no_data'
}
