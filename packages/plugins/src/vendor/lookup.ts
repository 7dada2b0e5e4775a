/**
 * A table of a vendor's words. Only what was put in is in it: `constructor` and `__proto__` are words that no vendor
 * uses, and that anybody may send.
 */
export function lookup<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, entries)
}
