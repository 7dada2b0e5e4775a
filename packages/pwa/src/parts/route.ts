import { useSyncExternalStore } from 'react'

/** Screens, in the order of the navigation. */
export const screens = ['today', 'ask', 'data', 'memory', 'you'] as const
export type Screen = (typeof screens)[number]

/** Where the app is. The address holds ids only: nothing about a person stands in it. */
export interface Route {
  screen: Screen
  /** Conversation, on `ask`. */
  thread: string | null
}

const Id = /^[\w.:-]{1,128}$/

/** Reads `#/ask/<thread>`; what it does not know is the first screen. */
export function readRoute(hash: string): Route {
  const [name = '', id = ''] = hash.replace(/^#\/?/, '').split('/')
  const screen = screens.find((one) => one === name) ?? 'today'
  return { screen, thread: screen === 'ask' && Id.test(id) ? id : null }
}

/** Address of a screen. */
export function hrefOf(screen: Screen, thread?: string): string {
  return thread ? `#/${screen}/${thread}` : `#/${screen}`
}

/** Goes there; `replace` leaves no trace in the history. */
export function go(href: string, options: { replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(null, '', href)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  } else window.location.hash = href
}

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** The current place; the component is drawn again when it changes. */
export function useRoute(): Route {
  return readRoute(useSyncExternalStore(subscribe, () => window.location.hash))
}
