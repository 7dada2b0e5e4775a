import { useSyncExternalStore } from 'react'
import { Say } from '../parts/say'
import { onWaiting, takeOver, waitingWorker } from './worker'

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

/** Says when this device is offline, and when a newer version of the app waits. */
export function Offline() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine)
  const waiting = useSyncExternalStore(onWaiting, waitingWorker)
  return (
    <>
      {!online && (
        <Say tone="notice">
          This device is offline. The app opens without a network, but your data is with AUREN: nothing of it is kept in
          this browser.
        </Say>
      )}
      {waiting && (
        <Say
          action={
            <button type="button" className="button" onClick={takeOver}>
              Reload
            </button>
          }
        >
          A newer version of the app is ready.
        </Say>
      )}
    </>
  )
}
