/** Drawn on a grid of 24, one stroke wide. */
const shapes = {
  today: 'M3 12h4l2.5-6 4 12 3-8 1.5 2H21',
  ask: 'M4 5h16v11H9.5L5 20v-4H4z',
  data: 'M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v4h16v-4',
  memory: 'M6 3h12v18l-6-4.5L6 21z',
  you: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.5 9a7.5 7.5 0 0 1 15 0',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M12 19V5m0 0l-6 6m6-6l6 6',
  stop: 'M7 7h10v10H7z',
  add: 'M12 5v14M5 12h14',
  chart: 'M4 4v16h16M8 15l3-4 3 2 4-6',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
} as const

/** A sign beside words; never the only thing that says something. */
export function Icon({ name, size = 22 }: { name: keyof typeof shapes; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={name === 'stop' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  )
}
