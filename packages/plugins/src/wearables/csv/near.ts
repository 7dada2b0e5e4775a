import { AurenError, convertTo, type MetricInfo, metricIds } from '@auren/core'

/** Changes of a letter between two words, at most `most` + 1. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}

/** What was probably meant; empty where nothing is near. */
function nearest(word: string, known: readonly string[]): string[] {
  const plain = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '_')
  const most = Math.max(2, Math.floor(word.length / 4))
  return known
    .map((one) => ({ one, far: distance(plain(word).slice(0, 100), plain(one).slice(0, 100), most) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ one }) => one)
}

/** What to say of a word that is not among those that are possible. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
}

/** The metrics that may be meant by a word that is none. */
export function metricMeant(word: string): string {
  return (
    meant(word, metricIds) ||
    ` There are: ${metricIds.filter((id) => !id.includes('session') && id !== 'location').join(', ')}.`
  )
}

const spellings =
  '/min bpm % 1 kg g mg lb oz st m km mi yd ft in cm mm Cel degF K mm[Hg] mmHg kPa mg/dL mmol/L kcal kJ min s ms h mL L fl_oz_us mL/kg/min m/s km/h mph W [IU] U {steps} {floors} {MET} {score} kg/m2 count dB code'.split(
    ' ',
  )

/** True where a metric can be given in a unit. */
export function takes(unit: string, info: MetricInfo): boolean {
  try {
    convertTo(1, unit, info)
    return true
  } catch (error) {
    if (error instanceof AurenError) return false
    throw error
  }
}

/** Units in which a metric can be given. */
export function unitsOf(info: MetricInfo): string[] {
  return [...new Set([info.unit, ...spellings.filter((unit) => takes(unit, info))])]
}
