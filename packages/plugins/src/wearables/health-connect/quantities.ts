/** Health Connect's names of units, as UCUM. */
const units: Readonly<{ [name: string]: string }> = {
  calories: 'cal',
  joules: 'J',
  kilocalories: 'kcal',
  kilojoules: 'kJ',
  kilometersPerHour: 'km/h',
  metersPerSecond: 'm/s',
  milesPerHour: 'mph',
  milligramsPerDeciliter: 'mg/dL',
  millimolesPerLiter: 'mmol/L',
  watts: 'W',
  kilocaloriesPerDay: 'kcal/d',
  celsius: 'Cel',
  fahrenheit: '[degF]',
  millimetersOfMercury: 'mm[Hg]',
  kilograms: 'kg',
  grams: 'g',
  milligrams: 'mg',
  micrograms: 'ug',
  ounces: 'oz',
  pounds: 'lb',
  meters: 'm',
  kilometers: 'km',
  miles: 'mi',
  inches: 'in',
  feet: 'ft',
  liters: 'L',
  milliliters: 'mL',
  fluidOuncesUs: '[foz_us]',
  percent: '%',
}

/**
 * A quantity in any of the forms in which programs write Health Connect's: a plain number in the unit that goes without
 * saying, `{ value, unit }`, `{ kilograms }` or `{ inKilograms, inPounds, … }`. Null where it is none.
 */
export function quantityOf(given: unknown, plain: string): [value: number, unit: string] | null {
  if (typeof given === 'number') return [given, plain]
  if (typeof given !== 'object' || given === null) return null
  const { value, unit } = given as { value?: unknown; unit?: unknown }
  if (typeof value === 'number') {
    if (unit === undefined || unit === null) return [value, plain]
    return typeof unit === 'string' ? [value, named(unit) ?? unit.slice(0, 40)] : null
  }
  // The unit that goes without saying first, so that nothing is converted twice.
  const found = Object.entries(given).flatMap(([name, amount]) => {
    const of = named(name.replace(/^in(?=[A-Z])/, ''))
    return of !== undefined && typeof amount === 'number' ? [[amount, of] as [number, string]] : []
  })
  return found.find(([, of]) => of === plain) ?? found[0] ?? null
}

function named(name: string): string | undefined {
  const camel = name
    .toLowerCase()
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/_/g, '')
  const plain = name.charAt(0).toLowerCase() + name.slice(1)
  return Object.hasOwn(units, plain) ? units[plain] : Object.hasOwn(units, camel) ? units[camel] : undefined
}
