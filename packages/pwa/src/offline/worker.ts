/** Listeners that want to know when a newer version of the app waits. */
const listeners = new Set<() => void>()
let waiting: ServiceWorker | null = null

/** The newer version that waits; null where there is none. */
export const waitingWorker = (): ServiceWorker | null => waiting

/** Calls back when a newer version waits. */
export function onWaiting(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Shows the newer version. */
export function takeOver(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => window.location.reload(), { once: true })
  waiting?.postMessage({ type: 'SKIP_WAITING' })
}

/**
 * Registers the service worker, which keeps the shell of the app and nothing of the person. A newer version is never
 * taken in the middle of something: the person is told, and chooses.
 */
export function registerWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('/sw.js').then(watch, () => undefined)
  })
}

function watch(registration: ServiceWorkerRegistration): void {
  const tell = (worker: ServiceWorker | null): void => {
    // The first worker of a page has nobody to replace.
    if (!worker || !navigator.serviceWorker.controller) return
    waiting = worker
    for (const listener of listeners) listener()
  }
  tell(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const next = registration.installing
    next?.addEventListener('statechange', () => {
      if (next.state === 'installed') tell(next)
    })
  })
}
