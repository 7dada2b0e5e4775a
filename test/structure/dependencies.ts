import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { missingOptionals } from '../../scripts/complete-lock.mjs'
import { type Graph, isInside, packageOf } from './graph.js'

/** The part of a package.json that is looked at here. */
interface Manifest {
  readonly name?: string
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

/** Imports of packages that the importing package does not declare: they would work here and fail at a user's. */
export function undeclaredImports(root: string, graph: Graph): string[] {
  const manifests = readManifests(root)
  const top = manifests.get('') ?? {}
  const ours = new Set([...manifests.values()].flatMap(({ name }) => name ?? []))
  return [...graph].flatMap(([file, imports]) => {
    const home = [...manifests.keys()].find((folder) => folder !== '' && isInside(file, folder)) ?? ''
    const manifest = manifests.get(home) ?? {}
    const shipped = file.startsWith(`${home}/src/`) && !home.endsWith('/pwa')
    const declared = new Set([
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
      ...(shipped ? [] : Object.keys({ ...manifest.devDependencies, ...top.devDependencies })),
      ...(home === '' ? ours : [manifest.name ?? '']),
    ])
    return imports.flatMap(({ specifier, typeOnly }) => {
      const name = packageOf(specifier)
      if (name === undefined || isBuiltin(specifier) || specifier.startsWith('virtual:') || declared.has(name))
        return []
      if (typeOnly && declared.has(`@types/${name.replace('@', '').replace('/', '__')}`)) return []
      return [`${file} imports ${specifier}, which ${home || 'the root'}/package.json does not declare`]
    })
  })
}

/** Optional peers that a plugin loads together with itself instead of on first use. */
export function eagerPeers(root: string, graph: Graph): string[] {
  const peers = readManifests(root).get('packages/plugins')?.peerDependenciesMeta ?? {}
  return [...graph].flatMap(([file, imports]) => {
    // A worker is loaded only when it is started, which is the first use.
    if (!isInside(file, 'packages/plugins/src') || file.endsWith('/worker.js')) return []
    return imports
      .filter(
        ({ specifier, dynamic, typeOnly }) => !dynamic && !typeOnly && peers[packageOf(specifier) ?? '']?.optional,
      )
      .map(({ specifier }) => `${file} imports the optional peer ${specifier} when it is loaded`)
  })
}

/** Dependencies that two manifests want in two versions. Peers are ranges by nature and are left out. */
export function differingVersions(root: string): string[] {
  const wanted = new Map<string, Map<string, string[]>>()
  for (const [folder, manifest] of readManifests(root))
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const versions = wanted.get(name) ?? new Map<string, string[]>()
      versions.set(version, [...(versions.get(version) ?? []), folder || 'the root'])
      wanted.set(name, versions)
    }
  return [...wanted]
    .filter(([, versions]) => versions.size > 1)
    .map(([name, versions]) => `${name}: ${[...versions].map(([v, who]) => `${v} in ${who.join(', ')}`).join('; ')}`)
}

/** Entries of package-lock.json that name where they were downloaded: a clone elsewhere could not install them. */
export function resolvedInLock(root: string): string[] {
  if (!existsSync(join(root, 'package-lock.json'))) return ['there is no package-lock.json']
  return Object.entries(readLock(root))
    .filter(([, { resolved, link }]) => resolved !== undefined && link !== true)
    .map(([name, { resolved }]) => `${name} is resolved to ${resolved}`)
}

/** Optional packages that the lock leaves out: `npm ci` refuses it then, here or on another system. */
export function optionalsNotInLock(root: string): string[] {
  return missingOptionals(readLock(root)).map(({ name }) => `${name}: run \`npm run lock\``)
}

function readLock(root: string): Record<string, { resolved?: string; link?: boolean }> {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages ?? {}
}

function readManifests(root: string): Map<string, Manifest> {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : [],
  )
  return new Map(
    ['', ...folders.sort()].flatMap((folder): [string, Manifest][] => {
      const file = join(root, folder, 'package.json')
      return existsSync(file) ? [[folder, JSON.parse(readFileSync(file, 'utf8'))]] : []
    }),
  )
}
