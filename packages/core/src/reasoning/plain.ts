/**
 * Words that came from outside (a device's name, a note, a memory) as one line of plain text: no control, invisible or
 * direction-changing characters, no addresses, no markup, and no longer than `limit` characters. Data, never an
 * instruction and never something that a screen would load.
 */
export function plain(text: string, limit = 80): string {
  const clean = stripped(text)
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.|data:|javascript:|mailto:)\S*/gi, '')
    .replace(/<[^>]*>?/g, '')
    .replace(/[`*_#<>{}[\]|\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  const characters = [...clean]
  return characters.length > limit
    ? `${characters
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`
    : clean
}

/** Text as a check reads it: what is visible of it, in compatibility form (full-width digits become digits). */
export function visible(text: string): string {
  return stripped(text.normalize('NFKC'))
}

function stripped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, '')
}

/** Links, images, HTML, code and addresses: never sent, whoever wrote them. */
export function hasMarkup(text: string): boolean {
  return /!\[|\]\s*\(|\]\s*\[|`|<\s*[a-z/!?]|[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\b(?:data|javascript|mailto|file):|\b[a-z0-9-]+\.(?:com|net|org|io|dev|app|ai|co|example|evil|xyz|info)\b|^\s*\|/i.test(
    text,
  )
}

/** A sentence without the emphasis, headings and bullets that models like. */
export function unadorned(text: string): string {
  return text
    .replace(/^\s*(?:#{1,6}|[-*+•>])\s+/, '')
    .replace(/(\*\*|__|\*(?=\S)|(?<=\S)\*)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
