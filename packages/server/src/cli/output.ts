import { type AurenError, asAurenError } from '@auren/core'

/** Where a command writes: answers to stdout, everything about how it goes to stderr. */
export interface Output {
  /** With --json, one JSON document per command (or per line where it streams). */
  json: boolean
  /** True where a person watches: progress bars make sense. */
  interactive: boolean
  print(text: string): void
  data(value: unknown): void
  note(text: string): void
}

/** Output of this process. */
export function createOutput(json: boolean): Output {
  return {
    json,
    interactive: process.stderr.isTTY === true && !json,
    print: (text) => {
      process.stdout.write(`${text}\n`)
    },
    data: (value) => {
      process.stdout.write(`${JSON.stringify(value)}\n`)
    },
    note: (text) => {
      process.stderr.write(`${text}\n`)
    },
  }
}

/** Exit codes: 1 for a failure of ours, 2 for wrong use, 3 for not found, 4 where another try may help. */
export function exitCodeOf(error: AurenError): number {
  if (error.retryable) return 4
  if (error.status === 404) return 3
  if (error.status === 400 || error.status === 422 || error.code === 'AUREN_CONFIG_INVALID') return 2
  return 1
}

/** Tells of a failure as a person, or a machine, wants to read it. Returns the exit code. */
export function report(thrown: unknown, output: Output): number {
  const error = asAurenError(thrown)
  if (output.json)
    output.data({
      error: { code: error.code, message: error.message, issues: error.issues, retryable: error.retryable },
    })
  else {
    output.note(`${error.message}`)
    for (const issue of error.issues)
      if (!error.message.includes(issue.message)) output.note(`  ${issue.path}: ${issue.message}`)
    output.note(`(${error.code}${process.env.AUREN_LOG_LEVEL === 'debug' && error.stack ? `\n${error.stack}` : ''})`)
  }
  return exitCodeOf(error)
}

/** Columns, as wide as their longest cell; each cell on one line, without control characters. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) =>
    row.map((cell) => [...cell].map((c) => (c < ' ' || c === '\u007f' ? ' ' : c)).join('')),
  )
  const widths = clean.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), [])
  return clean
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '))
    .join('\n')
}

/** `1 record`, `2,000 records`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/** 1.5 GB, 12 MB, 3 kB. */
export function bytes(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)} GB`
  if (n >= 1e6) return `${(n / 1e6).toFixed(0)} MB`
  if (n >= 1e3) return `${(n / 1e3).toFixed(0)} kB`
  return `${n} B`
}
