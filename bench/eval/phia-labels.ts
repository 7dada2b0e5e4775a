import type { Line, PhiaPerson } from './phia-tables.js'

// An oracle over the raw tables: it reads a question's `code` as pandas would run it and imports nothing of the product.

type Frame = readonly Line[]
type Test = (row: Line) => boolean

const dayOf = (row: Line) => (row.datetime ?? row.date ?? '').slice(0, 10)

function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

function product(text: string): number {
  return text.split('*').reduce((value, factor) => value * Number(factor), 1)
}

/** `activityName == "Run" and speed >= 53` as a test of a row; empty cells fail every comparison. */
function testOf(expression: string): Test {
  const tests = expression.split(' and ').map((part): Test => {
    const [, column = '', op = '', right = ''] = /^(\w+) (==|<=|>=|<|>) (.+)$/.exec(part.trim()) ?? []
    if (right.startsWith('"')) return (row) => row[column] === right.slice(1, -1)
    const value = product(right)
    return (row) => {
      if (row[column] === '' || row[column] === undefined) return false
      const cell = Number(row[column])
      return { '==': cell === value, '<': cell < value, '>': cell > value, '<=': cell <= value, '>=': cell >= value }[
        op
      ]!
    }
  })
  return (row) => tests.every((test) => test(row))
}

/** Cuts `.name(…)` or `[…]` off the front: its name, what is inside, and the rest. */
function nextStep(code: string): { name: string; inside: string; rest: string } {
  const open = code.search(/[([]/)
  const name = code.slice(0, open).replace(/^\./, '')
  let depth = 0
  for (let i = open; i < code.length; i++) {
    if ('(['.includes(code[i]!)) depth++
    if (')]'.includes(code[i]!) && --depth === 0) {
      return { name: code[open] === '[' ? '[]' : name, inside: code.slice(open + 1, i), rest: code.slice(i + 1) }
    }
  }
  throw new Error(`brackets do not match in ${code}`)
}

function during(frame: Frame, argument: string, person: PhiaPerson): Frame {
  const text = /^'([^']*)'$/.exec(argument)?.[1]
  if (text === undefined) {
    const dates = run(argument, person)
    const wanted = new Set((Array.isArray(dates) ? dates : [dates]).map((date) => String(date).slice(0, 10)))
    return frame.filter((row) => wanted.has(dayOf(row)))
  }
  const days = text === 'today' || text === 'yesterday' ? 0 : Number(/^last (\d+) days$/.exec(text)?.[1])
  const today = frame === person.exercise ? person.lastExercise : person.today
  const to = text === 'yesterday' ? shifted(today, -1) : today
  const from = shifted(to, -days)
  return frame.filter((row) => dayOf(row) >= from && dayOf(row) <= to)
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

function reduced(name: string, cells: readonly string[]): number | string | null {
  if (name === 'count') return cells.filter((cell) => cell !== '').length
  const values = cells.filter((cell) => cell !== '').map(Number)
  if (name === 'sum') return sum(values)
  if (values.length === 0) return null
  if (name === 'mean') return sum(values) / values.length
  if (name === 'min' || name === 'max') return Math[name](...values)
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  if (name === 'median') return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2
  if (name === 'std' && values.length > 1) {
    const mean = sum(values) / values.length
    return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1))
  }
  return null
}

function run(code: string, person: PhiaPerson): number | string | null | string[] {
  const [, table = ''] = /^(daily_metrics|exercise_entries)/.exec(code) ?? []
  let frame: Frame = table === 'daily_metrics' ? person.daily : person.exercise
  let cells: string[] | null = null
  for (let rest = code.slice(table.length); rest !== ''; ) {
    const step = nextStep(rest)
    rest = step.rest
    if (step.name === 'query') frame = frame.filter(testOf(step.inside.slice(1, -1)))
    else if (step.name === 'during') frame = during(frame, step.inside, person)
    else if (step.name === '[]' && cells === null) {
      const column = step.inside.slice(1, -1)
      cells = frame.map((row) => (column === 'datetime' ? dayOf(row) : (row[column] ?? '')))
    } else if (step.name === '[]') {
      const slice = /^(-?\d+)?:(-?\d+)?$/.exec(step.inside)
      if (!slice) return cells!.at(Number(step.inside)) ?? null
      cells = cells!.slice(slice[1] ? Number(slice[1]) : 0, slice[2] ? Number(slice[2]) : undefined)
    } else if (step.name === 'drop_duplicates') cells = [...new Set(cells)]
    else if (step.name === 'max' && cells && frame.length > 0 && !Number.isFinite(Number(cells[0]))) {
      return cells.toSorted().at(-1)!
    } else return reduced(step.name, cells ?? frame.map(dayOf))
  }
  return cells
}

/** The answer that the tables give to a question's `code`; null where they give none. */
export function expectedOf(code: string, person: PhiaPerson): number | string | null {
  const value = run(code.replaceAll('\\"', '"'), person)
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value)) ? Number(value) : value
}

/** Whether an answer is what the code gives, to 1e-6 of it. */
export function agreesExactly(answer: number | string | null, expected: number | string | null): boolean {
  if (typeof answer !== 'number' || typeof expected !== 'number') return agrees(answer, String(expected ?? ''))
  return Math.abs(answer - expected) <= 1e-6 * Math.max(1, Math.abs(expected))
}

/** Whether an answer is what a label says; labels carry two decimals. */
export function agrees(answer: number | string | null, label: string): boolean {
  const wanted = Number(label)
  if (label === '' || !Number.isFinite(wanted)) {
    const names = (text: string) => text.split(/[\s,]+/).filter((name) => name !== '' && !/^(nan|none)$/i.test(name))
    const [a, b] = [names(String(answer ?? '')), names(label)]
    return a.length === b.length && a.every((name) => b.includes(name))
  }
  return typeof answer === 'number' && Math.abs(answer - wanted) <= 0.005 + 1e-6 * Math.max(1, Math.abs(wanted))
}
