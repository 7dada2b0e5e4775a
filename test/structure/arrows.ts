// The arrows between packages point inward only: pwa -> (HTTP) -> server -> plugins -> core.
import { type Graph, type Import, isInside, packageOf } from './graph.js'

const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/core/src': [],
  'packages/plugins/src': ['@auren/core'],
  // Its own name: a thread that starts from a plain file finds its package by it, in source and when built.
  'packages/server/src': ['@auren/core', '@auren/plugins', '@auren/server'],
  'packages/pwa/src': [],
}

const coreMayUse = [
  'zod',
  'temporal-polyfill',
  'pure-rand',
  '@langchain/langgraph',
  '@langchain/core',
  'fast-check',
  'gpt-tokenizer',
]

/** Imports that point outward, or that reach into another package's folder instead of through its door. */
export function outwardImports(graph: Graph): string[] {
  return imports(graph).flatMap(([file, one]) => {
    const room = Object.keys(mayImport).find((place) => isInside(file, place))
    if (room === undefined) return []
    const name = packageOf(one.specifier)
    if (name?.startsWith('@auren/') && !mayImport[room]?.includes(name)) return [`${file} imports ${one.specifier}`]
    if (name === undefined && one.file !== undefined && !isInside(one.file, room))
      return [`${file} reaches out of its package to ${one.file}`]
    return []
  })
}

/** What core imports besides itself, Node and the few libraries that it is built on. */
export function vendorsInCore(graph: Graph): string[] {
  return imports(graph).flatMap(([file, one]) => {
    const name = packageOf(one.specifier)
    if (!isInside(file, 'packages/core/src') || name === undefined) return []
    return name.startsWith('node:') || coreMayUse.includes(name) ? [] : [`${file} imports ${one.specifier}`]
  })
}

/**
 * Ways on which loading core (or its analysis) would load LangChain, which costs a second and a hundred megabytes.
 * (`import { type X }` would load it too, under verbatimModuleSyntax; Biome's useImportType does not allow it.)
 */
export function eagerLangchain(graph: Graph): string[] {
  return ['packages/core/src/index.ts', 'packages/core/src/analysis/index.ts'].flatMap((door) => {
    const seen = new Map<string, string>([[door, door]])
    for (const [file, way] of seen)
      for (const { file: next, specifier, dynamic, typeOnly } of graph.get(file) ?? []) {
        if (dynamic || typeOnly) continue
        if (specifier.startsWith('@langchain/')) return [`${way} -> ${specifier}`]
        if (next !== undefined && !seen.has(next)) seen.set(next, `${way} -> ${next}`)
      }
    return []
  })
}

/** Circles of imports, each told once; type imports count, a reader walks them too. */
export function circles(graph: Graph): string[] {
  const told = new Map<string, string>()
  for (const [file, { cycle }] of imports(graph)) {
    if (cycle === undefined) continue
    const key = [...new Set([file, ...cycle])].sort().join(' ')
    if (!told.has(key)) told.set(key, [file, ...cycle].join(' -> '))
  }
  return [...told.values()]
}

function imports(graph: Graph): [string, Import][] {
  return [...graph].flatMap(([file, found]) => found.map((one): [string, Import] => [file, one]))
}
