import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult, type IDependency } from 'dependency-cruiser'

/** One import, as it is written and as it resolves. */
export interface Import {
  readonly specifier: string
  /** File of the tree that it leads to; undefined for what is installed or built in. */
  readonly file: string | undefined
  /** Loaded by `import()`, so not when the module is. */
  readonly dynamic: boolean
  readonly typeOnly: boolean
  /** The way back to the importing file, where there is one. */
  readonly cycle: readonly string[] | undefined
}

/** Every source file of a tree (path from its root) with its imports. */
export type Graph = ReadonlyMap<string, readonly Import[]>

const rooms = ['packages/*/src', 'packages/*/test', 'examples/*/src', 'examples/*/test', 'test', 'scripts', 'bench']

/** Reads the imports of a monorepo with dependency-cruiser, type imports included. */
export async function readGraph(root: string): Promise<Graph> {
  const places = rooms.flatMap((room) => expand(root, room))
  if (places.length === 0) return new Map()
  const { output } = await cruise(
    places,
    {
      baseDir: root,
      doNotFollow: { path: '(^|/)node_modules/' },
      exclude: { path: '(^|/)(dist|fixtures)/' },
      tsPreCompilationDeps: 'specify',
      ruleSet: { forbidden: [{ name: 'cycle', severity: 'error', from: {}, to: { circular: true } }] },
      validate: true,
    },
    { conditionNames: ['auren-source', 'import', 'node', 'default'], exportsFields: ['exports'] },
  )
  const files = (output as ICruiseResult).modules.filter((module) =>
    places.some((place) => isInside(module.source, place)),
  )
  const known = new Set(files.map((module) => module.source))
  return new Map(files.map((module) => [module.source, module.dependencies.map((one) => toImport(one, known))]))
}

/** The file or package that an import names, without its subpath: `@auren/core`, `zod`, `node:fs`. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('/')) return undefined
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Whether a path lies in a folder (both from the root). */
export function isInside(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`)
}

function toImport(dependency: IDependency, known: ReadonlySet<string>): Import {
  return {
    specifier: dependency.coreModule ? `node:${dependency.module}` : dependency.module,
    file: known.has(dependency.resolved) ? dependency.resolved : undefined,
    dynamic: dependency.dynamic,
    typeOnly: dependency.preCompilationOnly === true,
    cycle: dependency.cycle?.map((step) => step.name),
  }
}

function expand(root: string, room: string): string[] {
  const [parent, child] = room.split('/*/')
  if (parent === undefined) return []
  if (child === undefined) return existsSync(join(root, room)) ? [room] : []
  if (!existsSync(join(root, parent))) return []
  return readdirSync(join(root, parent))
    .sort()
    .map((name) => `${parent}/${name}/${child}`)
    .filter((place) => existsSync(join(root, place)))
}
