/** Where NEUROS answers. */
export const NEUROS = import.meta.env.VITE_NEUROS_URL ?? '/api/neuros'
/** Where Biometric answers. */
export const BIOMETRIC = import.meta.env.VITE_BIOMETRIC_URL ?? '/api/biometric'

/** A path with its parts escaped and its query. */
export function address(
  base: string,
  parts: readonly string[],
  query: Record<string, string | number | undefined> = {},
): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  const search = given.length > 0 ? `?${new URLSearchParams(given as [string, string][])}` : ''
  return `${base}/v1/${parts.map(encodeURIComponent).join('/')}${search}`
}
