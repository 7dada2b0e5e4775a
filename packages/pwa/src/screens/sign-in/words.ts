/** Fewest characters of a password, as the service has it. */
export const SHORTEST = 12

/** How long to wait, in words: `40 seconds`, `15 minutes`. Never less than it is. */
export function waitWords(seconds: number): string {
  const [count, unit] = seconds < 60 ? [Math.ceil(seconds), 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** The invitation in what was pasted: a link with `#invite=`, or the code itself; null where nothing was. */
export function invitationOf(text: string): string | null {
  const code = (/#invite=([\w-]+)/.exec(text)?.[1] ?? text).trim()
  return code === '' ? null : code
}
