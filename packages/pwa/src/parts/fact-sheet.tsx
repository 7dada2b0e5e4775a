import { createContext, lazy, type ReactNode, Suspense, use, useMemo, useState } from 'react'
import type { Opened } from './fact/opened'

const Context = createContext<(opened: Opened) => void>(() => undefined)

// The chart and what belongs to it are loaded at the first tap on a number.
const FactDialog = lazy(() => import('./fact/fact-dialog'))

/** Lets everything inside open the chart behind a number. */
export function FactSheet({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<Opened | null>(null)
  const open = useMemo(() => (next: Opened) => setOpened(next), [])
  return (
    <Context value={open}>
      {children}
      {opened && (
        <Suspense fallback={null}>
          <FactDialog key={opened.fact.id} {...opened} onClose={() => setOpened(null)} />
        </Suspense>
      )}
    </Context>
  )
}

/** Opens the chart behind a number. */
export function useOpenFact(): (opened: Opened) => void {
  return use(Context)
}
