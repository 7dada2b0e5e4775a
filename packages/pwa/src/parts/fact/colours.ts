/** Colours of a chart, as a canvas takes them. */
export interface Colours {
  ink: string
  quiet: string
  line: string
  accent: string
  range: string
  /** The accent, seen through: the range of a day around its value. */
  veil: string
  band: string
  notice: string
}

/** Reads the tokens as they are where the chart stands: a canvas cannot resolve them itself. */
export function readColours(element: HTMLElement): Colours {
  const probe = document.createElement('span')
  element.append(probe)
  const read = (token: string): string => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const colours = {
    ink: read('--ink'),
    quiet: read('--ink-2'),
    line: read('--line'),
    accent: read('--accent'),
    range: read('--accent-soft'),
    veil: read('--veil'),
    band: read('--band'),
    notice: read('--notice'),
  }
  probe.remove()
  return colours
}
