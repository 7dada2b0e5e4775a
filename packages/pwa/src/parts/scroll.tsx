import type { ReactNode } from 'react'
import styles from './scroll.module.css'

/** A place that scrolls by itself; it has a name and takes the focus, so that keys can scroll it. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key (WCAG 2.1.1)
    <section className={styles.scroll} tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
