import type { RuleName } from './rules.js'

/** Emergency numbers by region; where a region is not known, the text names the three that most people can use. */
const numbers: Readonly<Record<string, string>> = {
  US: '911',
  CA: '911',
  MX: '911',
  CR: '911',
  PH: '911',
  AR: '911',
  EC: '911',
  PA: '911',
  UY: '911',
  GB: '999',
  HK: '999',
  SG: '995',
  MY: '999',
  KE: '999',
  BD: '999',
  AU: '000',
  NZ: '111',
  JP: '119',
  KR: '119',
  CN: '120',
  TW: '119',
  TH: '1669',
  VN: '115',
  BR: '192',
  CL: '131',
  ZA: '112',
  IL: '101',
  AE: '998',
  SA: '997',
  EG: '123',
  NG: '112',
  ID: '112',
  IN: '112',
  RU: '112',
  UA: '112',
  TR: '112',
  NO: '112',
  CH: '112',
  IS: '112',
  RS: '112',
}
const european = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE LI'.split(' '),
)

/** Crisis lines by region. */
const crisisLines: Readonly<Record<string, string>> = {
  US: 'call or text 988',
  CA: 'call or text 988',
  GB: 'call Samaritans on 116 123',
  IE: 'call Samaritans on 116 123',
  AU: 'call Lifeline on 13 11 14',
  NZ: 'call or text 1737',
  DE: 'call the TelefonSeelsorge on 116 123',
  AT: 'call the Telefonseelsorge on 142',
  NL: 'call 113',
  FR: 'call 3114',
  ES: 'call 024',
  IT: 'call Telefono Amico on 02 2327 2327',
  JP: 'call 0120 279 338',
  IN: 'call Tele-MANAS on 14416',
}

/** Region of a locale that names one; a bare language says nothing about where a person is. */
function regionOf(locale: string): string | null {
  try {
    return new Intl.Locale(locale).region ?? null
  } catch {
    return null
  }
}

/** The emergency number to name for a locale. */
export function emergencyNumber(locale: string): string {
  const region = regionOf(locale)
  if (region && european.has(region)) return '112'
  return (region && numbers[region]) || '112, 911 or 999 (whichever is yours)'
}

/** The fixed text for a rule in a locale; null where the rule only makes the rest more careful. */
export function textFor(rule: RuleName, locale: string): string | null {
  const number = emergencyNumber(locale)
  switch (rule) {
    case 'emergency':
      return `What you describe can be an emergency. Call ${number} now, or have somebody near you call. Do not wait for readings, and do not drive yourself. I am leaving your data aside.`
    case 'self_harm': {
      const line = crisisLines[regionOf(locale) ?? '']
      return `I am really sorry that it is this hard right now. Please talk to somebody at once: ${line ? `${line}, at any hour` : 'call a crisis line in your country'}, or call ${number} if you are in danger. If you can, do not stay alone; tell somebody near you what you told me.`
    }
    case 'eating_disorder':
      return 'I do not give figures or plans for eating less, fasting, purging or making up for food, because they can harm you. If food or weight weigh on you, please talk to a doctor or an eating disorder service; you deserve support, whatever your numbers are. I can look at your sleep or rest with you instead.'
    case 'medication':
      return 'I cannot advise on starting, stopping, changing or combining medicines or doses; please ask the doctor or pharmacist who knows your treatment. I can show what your readings did over a period, if that helps you talk to them.'
    case 'diagnosis':
      return 'I cannot tell whether you have an illness or not: readings of a wearable do not answer that, in either direction. If you feel unwell or worried, please see a doctor. I can show you which readings are outside your usual range.'
    case 'pregnancy':
      return 'During pregnancy heart rate, temperature and sleep change by themselves, so your earlier usual range may not fit. Please take questions about your health to your midwife or doctor.'
    case 'minor':
      return 'I describe readings for adults. For somebody under eighteen, please look at them together with a parent and a doctor.'
    case 'medication_mentioned':
      return 'Medicines can shift heart rate, heart rate variability and sleep, so read these figures with that in mind, and leave any change of dose to whoever prescribed it.'
    case 'injection':
      return null
  }
}

/** Rules whose text is the whole answer. */
export const stopping: ReadonlySet<RuleName> = new Set([
  'emergency',
  'self_harm',
  'eating_disorder',
  'medication',
  'diagnosis',
])
