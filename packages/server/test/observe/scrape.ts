/** One line of a scrape. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/** A scrape, read. */
export interface Scraped {
  samples: Sample[]
  has(name: string): boolean
  /** Sum of the samples of a name that have these labels; 0 where there are none. */
  sum(name: string, labels?: Record<string, string>): number
  /** Values of a label. */
  labels(name: string, label: string): string[]
  /** What `# TYPE` says there is, whether or not it has a sample yet. */
  types: ReadonlyMap<string, string>
}

/** Reads the text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function parseScrape(text: string): Scraped {
  const samples: Sample[] = []
  const types = new Map<string, string>()
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\w+) (\w+)$/.exec(line)
    if (type) types.set(type[1] as string, type[2] as string)
    if (line === '' || line.startsWith('#')) continue
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!match) throw new Error(`not a sample: ${line}`)
    const labels = [...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value])
    samples.push({ name: match[1] as string, labels: Object.fromEntries(labels), value: Number(match[3]) })
  }
  const find = (name: string, wanted: Record<string, string>): Sample[] =>
    samples.filter(
      (sample) =>
        sample.name === name && Object.entries(wanted).every(([label, value]) => sample.labels[label] === value),
    )
  return {
    samples,
    types,
    has: (name) => find(name, {}).length > 0,
    sum: (name, labels = {}) => find(name, labels).reduce((sum, { value }) => sum + value, 0),
    labels: (name, label) => find(name, {}).flatMap(({ labels }) => labels[label] ?? []),
  }
}
