/** Controls that a screen reader has no name for. Runs in the page. */
export function nameless(): string[] {
  return [...document.querySelectorAll<HTMLElement>('button, a, input, select, textarea, dialog')]
    .filter((one) => {
      const label = one.ariaLabel ?? one.getAttribute('aria-labelledby') ?? one.textContent?.trim()
      return !label && !(one as HTMLInputElement).labels?.length
    })
    .map((one) => one.outerHTML)
}

/** Text in the page whose colour stands out too little from the colour behind it (WCAG 1.4.3). Runs in the page. */
export function lowContrast(): string[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
      const channel = value / 255
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (element: Element | null): string => {
    for (let one = element; one; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one)
      if ((channels(backgroundColor)[3] ?? 1) > 0) return backgroundColor
    }
    return 'rgb(255, 255, 255)'
  }
  const low: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!element || !node.textContent?.trim() || element.closest('noscript, .hidden')) continue
    const [dark = 0, light = 0] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort(
      (a, b) => a - b,
    )
    const ratio = (light + 0.05) / (dark + 0.05)
    if (ratio < 4.5) low.push(`${node.textContent.trim()}: ${ratio.toFixed(2)}`)
  }
  return low
}
