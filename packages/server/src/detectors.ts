import type { DetectorPlugin } from '@auren/core'
import { baselines } from '@auren/plugins/baselines'
import { chapters } from '@auren/plugins/chapters'
import { years } from '@auren/plugins/years'

/** What looks for patterns, in every process that consolidates. */
export function detectorsOf(): DetectorPlugin[] {
  return [baselines(), years(), chapters()]
}
