import { metric } from '@auren/core'
import { columnName } from '../../files/index.js'
import { takes } from './near.js'

const words: readonly (readonly [metric: string, name: RegExp, unit?: string])[] = [
  ['resting_heart_rate', /\b(resting (heart rate|hr|pulse)|rhr|ruhepuls)\b/],
  ['hrv_rmssd', /\b(hrv|rmssd)\b/],
  ['heart_rate', /\b(heart ?rate|hr|pulse|puls|bpm)\b/],
  ['blood_pressure_systolic', /\b(systolic|systolisch|sys)\b/],
  ['blood_pressure_diastolic', /\b(diastolic|diastolisch|dia)\b/],
  ['oxygen_saturation', /\b(spo2|oxygen)\b/],
  ['respiratory_rate', /\b(respirat\w*|breathing rate)\b/],
  ['glucose', /\b(glucose|blood sugar|blutzucker|glukose)\b/],
  ['body_temperature', /\b(body )?(temperature|temp|temperatur)\b/],
  ['body_fat', /\b(body ?fat|fat|fett|körperfett)\b/, '%'],
  ['body_water', /\b(body ?water|wasser)\b/, '%'],
  ['muscle_mass', /\b(muscle|muskel)\w*/, 'kg'],
  ['bone_mass', /\b(bone|knochen)\w*/, 'kg'],
  ['bmi', /\bbmi\b/],
  ['weight', /\b(weight|gewicht|poids|peso)\b/, 'kg'],
  ['height', /\b(height|größe)\b/, 'cm'],
  ['steps', /\b(steps?|step count|schritte|pas)\b/],
  ['distance', /\b(distance|distanz|strecke)\b/, 'km'],
  ['floors_climbed', /\b(floors?|etagen)\b/],
  ['energy_active', /\b(active (energy|calories)|aktivitätskalorien)\b/, 'kcal'],
  ['energy_total', /\b(calories|energy|kalorien|kcal)\b/, 'kcal'],
  ['hydration', /\b(water|hydration|drunk)\b/, 'mL'],
  ['caffeine', /\bcaffeine\b/, 'mg'],
  ['vo2_max', /\bvo2 ?max\b/],
]
const times =
  /^(date ?\/? ?time|datetime|timestamp|time|date|datum|zeit|uhrzeit|day|tag|recorded( at)?|measured( at)?|start( time| date)?)\b/
const known = 'kg lb lbs g cm in m km mi bpm % kcal kJ mg/dL mmol/L mmHg ms s min h mL L mg °C °F'.split(' ')

/** A mapping for the columns that could be recognised by their names: for the person to correct. */
export function guess(fields: readonly string[]): { mapping: Record<string, unknown>; left: string[] } {
  const columns: Record<string, { metric: string; unit?: string }> = {}
  const left: string[] = []
  const dates: string[] = []
  const taken = new Set<string>()
  for (const field of fields) {
    const name = columnName(field)
    if (name === '') continue
    const found = words.find(([id, word]) => !taken.has(id) && word.test(name))
    if (!found && times.test(name)) dates.push(field)
    else if (!found) left.push(field)
    else {
      const [id, , usual] = found
      taken.add(id)
      const info = metric(id)
      const written = /[([]\s*([^)\]]{1,12}?)\s*[)\]]/.exec(field)?.[1]
      const unit = known.find((one) => one.toLowerCase() === written?.toLowerCase()) ?? usual
      columns[field] = { metric: id, ...(unit && info && takes(unit, info) ? { unit } : {}) }
    }
  }
  const clock = dates.find((field) => /^(time|uhrzeit|zeit)$/.test(columnName(field)))
  const date = dates.find((field) => field !== clock)
  const time = clock && date ? { column: clock, date } : (date ?? clock ?? '…')
  return {
    mapping: { source: 'my device', time, columns },
    left: [...left, ...dates.filter((one) => one !== clock && one !== date)],
  }
}
