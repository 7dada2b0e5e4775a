import { columnName } from '../../files/index.js'
import { lookup } from '../../vendor/lookup.js'

const languages: Readonly<Record<string, readonly string[]>> = {
  timestamp: [
    'Timestamp (YYYY-MM-DDThh:mm:ss)',
    'Zeitstempel (JJJJ-MM-TTThh:mm:ss)',
    'Marca temporal (AAAA-MM-DDThh:mm:ss)',
    'Data e ora (AAAA-MM-GGThh:mm:ss)',
  ],
  'event type': ['Ereignistyp', 'Ereignisart', 'Tipo de evento', 'Tipo di evento'],
  'event subtype': ['Ereignisuntertyp', 'Subtipo de evento', 'Sottotipo di evento'],
  'patient info': ['Patienteninfo'],
  'device info': ['Geräteinfo'],
  'source device id': ['Quellgeräte-ID'],
  'insulin value (u)': ['Insulinwert (IE)', 'Nivel de insulina (u)'],
  'carb value (grams)': ['Kohlenhydratwert (Gramm)', 'Nivel de carbohidratos (gramos)'],
  duration: ['Duration (hh:mm:ss)', 'Dauer (hh:mm:ss)'],
  'transmitter time': ['Transmitter Time (Long Integer)'],
  'transmitter id': ['ID trasmettitore'],
}
const glucose = ['Glukosewert', 'Nivel de glucosa', 'Valore del glucosio', 'Valeur du glucose']
const units = ['mg/dl', 'mmol/l']

/** How the columns of other languages are called here. */
export const aliases: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(languages).flatMap(([name, words]) => words.map((word) => [columnName(word), name])),
  ...glucose.flatMap((word) => units.map((unit) => [`${columnName(word)} (${unit})`, `glucose value (${unit})`])),
])

/** Columns that are understood, or left out knowingly. */
export const known: ReadonlySet<string> = new Set([
  'index',
  ...Object.keys(languages),
  ...units.flatMap((unit) => [`glucose value (${unit})`, `glucose rate of change (${unit}/min)`]),
])

/** Kinds of rows, in the words of the languages that are known. */
export const kinds = lookup<string>({
  egv: 'egv',
  egw: 'egv',
  'niveles estimados de glucosa': 'egv',
  calibration: 'calibration',
  // As the API names what a meter said beside the sensor; a calibration in all that is read of it.
  'blood glucose': 'calibration',
  bloodglucose: 'calibration',
  carbs: 'carbs',
  insulin: 'insulin',
  exercise: 'exercise',
  health: 'health',
  notes: 'notes',
  firstname: 'about',
  lastname: 'about',
  dateofbirth: 'about',
  patientinfo: 'about',
  patientidentifier: 'about',
  device: 'about',
  sensor: 'about',
  alert: 'about',
})

/** What Clarity calls the same otherwise than the API. */
export const subTypes = lookup<string>({
  'high symptoms': 'highSymptoms',
  'low symptoms': 'lowSymptoms',
  'fast-acting': 'fastActing',
  'long-acting': 'longActing',
})
