/** What an expression asks for. */
export interface Asked {
  /** Metrics, with the labels that their selectors match on. */
  metrics: { name: string; labels: string[] }[]
  /** Labels that are grouped by, joined on, or kept. */
  grouped: string[]
}

const words = new Set(
  'and or unless by without on ignoring group_left group_right offset bool inf nan start end'.split(' '),
)

/**
 * Reads which metrics and labels a PromQL expression names (https://prometheus.io/docs/prometheus/latest/querying/basics).
 * It does not check the grammar: promtool and Prometheus itself do, in the services suite.
 */
export function readPromql(expression: string): Asked {
  const metrics: Asked['metrics'] = []
  const grouped: string[] = []
  // Ranges, then label lists of modifiers, then selectors, so that what is left are names and numbers.
  let rest = expression.replace(/\[[^\]]*\]/g, ' ')
  rest = rest.replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g, (_, labels: string) => {
    grouped.push(...labels.split(',').flatMap((label) => label.trim() || []))
    return ' '
  })
  rest = rest.replace(
    /([a-zA-Z_:][\w:]*)\s*\{((?:[^}"]|"(?:[^"\\]|\\.)*")*)\}/g,
    (_, name: string, matchers: string) => {
      const labels = [...matchers.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"/g)].map(
        ([, label]) => label,
      )
      metrics.push({ name, labels: labels as string[] })
      return ' '
    },
  )
  for (const [, name, call] of rest.matchAll(/(?<![\w.$])([a-zA-Z_:][\w:]*)(\s*\()?/g))
    if (name !== undefined && call === undefined && !words.has(name.toLowerCase())) metrics.push({ name, labels: [] })
  return { metrics, grouped }
}

/** Expressions of a rules file of the form that this project writes: `expr:` with the text behind it or in a block. */
export function readRules(yaml: string): { name: string; expr: string; alert: boolean }[] {
  const rules: { name: string; expr: string; alert: boolean }[] = []
  const lines = yaml.split('\n')
  for (const [at, line] of lines.entries()) {
    const head = /^\s*- (alert|record): (\S+)$/.exec(line)
    if (!head) continue
    const start = at + 1
    const expr = /^(\s*)expr: (.*)$/.exec(lines[start] ?? '')
    if (!expr) throw new Error(`no expression after line ${at + 1}: ${line}`)
    const [, indent, text] = expr as unknown as [string, string, string]
    const block: string[] = []
    for (let i = start + 1; text === '|' && (lines[i] ?? '').startsWith(`${indent}  `); i++)
      block.push(lines[i] as string)
    rules.push({ name: head[2] as string, alert: head[1] === 'alert', expr: text === '|' ? block.join('\n') : text })
  }
  return rules
}
