import { forget } from './forget'
import { leaveNote, type Mark, type Note, setState, writeMark } from './state'

let left = false

/**
 * Shows nothing of the person from this moment on, empties what the browser keeps, and begins a new page: whatever the
 * old one had in memory goes with it. Other tabs see the mark and do the same.
 *
 * @param mark null: what is noted already holds
 */
export async function leave(mark: Extract<Mark, 'out' | 'ending'> | null, why: Note): Promise<void> {
  if (left) return
  left = true
  setState('leaving')
  if (mark !== null) writeMark(mark)
  await forget()
  leaveNote(why)
  // Without a fragment: with one, the page would stay as it is.
  window.location.replace('/')
}
