import type { Source, SourceType } from '@auren/core'
import { textOf } from './xml/text.js'

/** Words in a source's own name that tell what measured, most telling first. */
const byName: readonly (readonly [RegExp, SourceType])[] = [
  [/watch/i, 'watch'],
  [/iphone|ipad|ipod/i, 'phone'],
  [/\b(oura|ringconn|ultrahuman|galaxy ring)\b/i, 'ring'],
  [/\b(dexcom|libre ?link|libre|eversense|guardian|cgm)\b/i, 'cgm'],
  [/\b(omron|qardio|ihealth|blood ?pressure)\b/i, 'cuff'],
  [/\b(renpho|eufy ?life|scale|fitdays|arboleaf|wyze)\b/i, 'scale'],
  [/\b(whoop|mi ?band|mi ?fitness|fitbit)\b/i, 'band'],
  // Garmin's app is called Connect; these makers' apps hand on what their watches measured.
  [/^connect$|\b(garmin|polar|coros|suunto|amazfit|zepp)\b/i, 'watch'],
]

const known = new Map<string, { own: SourceType | null; made: Map<SourceType, Source> }>()
const maxKnown = 5000

/**
 * The source of a record. Its identity is `sourceName` alone: the version changes with each update and the device string
 * holds a memory address. What kind of thing measured is read from the name (the same for all its records), else from
 * the device's name and model, else it is an app. One object per source, shared by its observations.
 */
export function sourceOf(sourceName: string | undefined, device: string | undefined): Source {
  const raw = sourceName ?? ''
  let entry = known.get(raw)
  if (entry === undefined) {
    if (known.size >= maxKnown) known.clear()
    // A copy: the parser's strings are windows into a larger one, which the map would keep alive.
    const key = Buffer.from(raw, 'utf16le').toString('utf16le')
    entry = { own: typeByName(textOf(key)), made: new Map() }
    known.set(key, entry)
  }
  const type = entry.own ?? typeByDevice(device)
  let source = entry.made.get(type)
  if (source === undefined) {
    source = { name: textOf(raw).slice(0, 200) || 'unknown', type }
    entry.made.set(type, source)
  }
  return source
}

function typeByName(name: string): SourceType | null {
  for (const [pattern, type] of byName) if (pattern.test(name)) return type
  return null
}

/** `<<HKDevice: 0x…>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,7, …>` */
function typeByDevice(device: string | undefined): SourceType {
  if (device === undefined) return 'app'
  if (device.includes('Watch')) return 'watch'
  if (device.includes('iPhone') || device.includes('iPad')) return 'phone'
  return 'app'
}
