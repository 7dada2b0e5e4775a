import { columnName } from '../../files/index.js'
import { lookup } from '../../vendor/lookup.js'

/** Units that a header names glucose in. */
export const glucoseUnits = { 'mg/dl': 'mg/dL', 'mmol/l': 'mmol/L' } as const
export type GlucoseUnit = keyof typeof glucoseUnits

/** The columns as the English export calls them, without the unit where that varies. */
const plain = [
  'device',
  'serial number',
  'device timestamp',
  'record type',
  'non-numeric rapid-acting insulin',
  'rapid-acting insulin (units)',
  'non-numeric food',
  'carbohydrates (grams)',
  'carbohydrates (servings)',
  'non-numeric long-acting insulin',
  'long-acting insulin (units)',
  'notes',
  'meal insulin (units)',
  'correction insulin (units)',
  'user change insulin (units)',
] as const
const glucose = ['historic glucose', 'scan glucose', 'strip glucose'] as const
const ketones = ['ketone', 'historic ketone', 'scan ketone'] as const

/** Columns that are understood. */
export const known: ReadonlySet<string> = new Set([
  ...plain,
  ...glucose.flatMap((name) => Object.keys(glucoseUnits).map((unit) => `${name} ${unit}`)),
  ...ketones.map((name) => `${name} mmol/l`),
  // Of the program for the reader: what is in a line of its own, and no measurement.
  'id',
  'previous time',
  'updated time',
])

type Words = Partial<Record<(typeof plain)[number] | (typeof glucose)[number] | (typeof ketones)[number], string>>

const languages: readonly Words[] = [
  // The program for the reader, which has its columns without a device.
  { 'device timestamp': 'Time' },
  {
    device: 'Gerät',
    'serial number': 'Seriennummer',
    'device timestamp': 'Gerätezeitstempel',
    'record type': 'Aufzeichnungstyp',
    'historic glucose': 'Glukosewert-Verlauf',
    'scan glucose': 'Glukose-Scan',
    'strip glucose': 'Glukose-Teststreifen',
    'non-numeric rapid-acting insulin': 'Nicht numerisches schnellwirkendes Insulin',
    'rapid-acting insulin (units)': 'Schnellwirkendes Insulin (Einheiten)',
    'non-numeric food': 'Nicht numerische Nahrungsdaten',
    'carbohydrates (grams)': 'Kohlenhydrate (Gramm)',
    'carbohydrates (servings)': 'Kohlenhydrate (Portionen)',
    'non-numeric long-acting insulin': 'Nicht numerisches Depotinsulin',
    'long-acting insulin (units)': 'Depotinsulin (Einheiten)',
    notes: 'Notizen',
    ketone: 'Keton',
    'historic ketone': 'Zurückliegender Ketonwert',
    'scan ketone': 'Scan-Ketonwert',
    'meal insulin (units)': 'Mahlzeiteninsulin (Einheiten)',
    'correction insulin (units)': 'Korrekturinsulin (Einheiten)',
    'user change insulin (units)': 'Insulin-Änderung durch Anwender (Einheiten)',
  },
  {
    device: 'Appareil',
    'serial number': 'Numéro de série',
    'device timestamp': "Horodatage de l'appareil",
    'record type': "Type d'enregistrement",
    'historic glucose': 'Historique de la glycémie',
    'scan glucose': 'Numérisation de la glycémie',
    'strip glucose': 'Glycémie par bandelette',
    'non-numeric rapid-acting insulin': 'Insuline à action rapide sans valeur numérique',
    'rapid-acting insulin (units)': 'Insuline à action rapide (unités)',
    'non-numeric food': 'Alimentation sans valeur numérique',
    'carbohydrates (grams)': 'Glucides (grammes)',
    'carbohydrates (servings)': 'Glucides (portions)',
    'non-numeric long-acting insulin': 'Insuline à action longue sans valeur numérique',
    'long-acting insulin (units)': 'Insuline à action longue (unités)',
    notes: 'Remarques',
    ketone: 'Cétone',
    'meal insulin (units)': 'Insuline repas (unités)',
    'correction insulin (units)': 'Correction insuline (unités)',
    'user change insulin (units)': "Insuline modifiée par l'utilisateur (unités)",
  },
  {
    device: 'Dispositivo',
    'serial number': 'Número de serial',
    'device timestamp': 'Sello de tiempo del dispositivo',
    'record type': 'Tipo de registro',
    'historic glucose': 'Historial de glucosa',
    'scan glucose': 'Escaneo de glucosa',
    'strip glucose': 'Tira reactiva para glucosa',
    'non-numeric rapid-acting insulin': 'Insulina de acción rápida no numérica',
    'rapid-acting insulin (units)': 'Insulina de acción rápida (unidades)',
    'non-numeric food': 'Alimento no numérico',
    'carbohydrates (grams)': 'Carbohidratos (gramos)',
    'carbohydrates (servings)': 'Carbohidratos (porciones)',
    'non-numeric long-acting insulin': 'Insulina de acción larga no numérica',
    'long-acting insulin (units)': 'Insulina de acción larga (unidades)',
    notes: 'Notas',
    ketone: 'Cuerpos cetónicos',
    'meal insulin (units)': 'Comida e insulina (unidades)',
    'correction insulin (units)': 'Insulina de corrección (unidades)',
    'user change insulin (units)': 'Insulina del cambio de usuario (unidades)',
  },
  {
    'device timestamp': 'Timestamp del dispositivo',
    'historic glucose': 'Storico del glucosio',
    'rapid-acting insulin (units)': 'Insulina ad azione rapida (unità)',
    'carbohydrates (grams)': 'Carboidrati (grammi)',
    'long-acting insulin (units)': 'Insulina ad effetto prolungato (unità)',
  },
  {
    device: 'Apparaat',
    'serial number': 'Serienummer',
    'device timestamp': 'Tijdstempel apparaat',
    'record type': 'Gegevenstype',
    'historic glucose': 'Historische glucose',
    'non-numeric rapid-acting insulin': 'Niet-numerieke snelwerkende insuline',
    'rapid-acting insulin (units)': 'Snelwerkende insuline (eenheden)',
    'non-numeric food': 'Niet-numeriek voedsel',
    'carbohydrates (grams)': 'Koolhydraten (gram)',
    'carbohydrates (servings)': 'Koolhydraten (porties)',
    'non-numeric long-acting insulin': 'Niet-numerieke langwerkende insuline',
    'long-acting insulin (units)': 'Langwerkende insuline (eenheden)',
    notes: 'Notities',
    ketone: 'Keton',
    'meal insulin (units)': 'Maaltijdinsuline (eenheden)',
    'correction insulin (units)': 'Correctie insuline (eenheden)',
    'user change insulin (units)': 'Wijzigen insuline gebruiker (eenheden)',
  },
]

/** How the columns of other languages and of the reader's program are called here. */
export const aliases = lookup<string>(
  Object.fromEntries([
    // The reader's program writes units in brackets: `Historic Glucose (mg/dL)`.
    ...[...glucose, ...ketones].flatMap((name) => withUnits(name, name)),
    ...languages.flatMap((words) =>
      Object.entries(words).flatMap(([name, word]) =>
        spellings(word).flatMap((spelling): [string, string][] =>
          isMeasured(name) ? withUnits(spelling, name) : [[spelling, name]],
        ),
      ),
    ),
  ]),
)

function isMeasured(name: string): boolean {
  return [...glucose, ...ketones].some((one) => one === name)
}

/** With a straight apostrophe, or a curly one. */
function spellings(word: string): string[] {
  const name = columnName(word)
  return name.includes("'") ? [name, name.replaceAll("'", '’')] : [name]
}

function withUnits(word: string, name: string): [string, string][] {
  return Object.keys(glucoseUnits).flatMap((unit): [string, string][] => [
    [`${word} ${unit}`, `${name} ${unit}`],
    [`${word} (${unit})`, `${name} ${unit}`],
  ])
}
