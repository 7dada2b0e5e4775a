/** Named places at which a test can kill the process, or make the step fail. */
export const failpoints = [
  'ingest:before-receive',
  'ingest:after-receive',
  'ingest:before-commit',
  'ingest:after-commit',
  'import:step-before-commit',
  'import:step-after-commit',
  'withdrawal:before-commit',
  'withdrawal:after-commit',
  'replay:before-commit',
  'replay:after-commit',
  'relay:before-commit',
  'relay:after-commit',
  'consume:after-read',
  'consume:after-write',
  'consume:before-commit',
  'consume:after-commit',
] as const
export type Failpoint = (typeof failpoints)[number]

let armed: { name: Failpoint; left: number; act: () => void } | null = null

/** `AUREN_FAILPOINT=name@n` kills the process (SIGKILL) the n-th time that it passes the place. */
function fromEnvironment(): void {
  const set = process.env.AUREN_FAILPOINT
  if (!set) return
  const [name = '', count = '1'] = set.split('@')
  if (!(failpoints as readonly string[]).includes(name))
    throw new Error(`AUREN_FAILPOINT: there is no failpoint "${name}"`)
  armed = { name: name as Failpoint, left: Number(count), act: () => process.kill(process.pid, 'SIGKILL') }
}
fromEnvironment()

/** Arms a failpoint in this process; returns what disarms it. */
export function arm(name: Failpoint, act: () => void, nth = 1): () => void {
  armed = { name, left: nth, act }
  return () => {
    armed = null
  }
}

/** Passes a named place: nothing happens unless it is armed. */
export function failpoint(name: Failpoint): void {
  if (armed === null || armed.name !== name) return
  armed.left--
  if (armed.left > 0) return
  const { act } = armed
  armed = null
  act()
}
