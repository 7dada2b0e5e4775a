import type { Observing } from './observe.js'

const GARMIN = 1

/** How products are called, from the library's list of them, which is loaded when it is first needed. */
export async function loadNames(): Promise<Observing['nameOf']> {
  const { getFitGarminProductDisplayName, getFitManufacturerName } = await import('fit-file-parser/profile')
  return (manufacturer, product) => {
    if (manufacturer === GARMIN) {
      const name = getFitGarminProductDisplayName(product)
      return name === null ? null : `Garmin ${name}`
    }
    const maker = getFitManufacturerName(manufacturer)
    // These stand for no maker.
    return maker === null || maker === 'development' || maker === 'dynastream' ? null : maker.replaceAll('_', ' ')
  }
}
