import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AurenError } from '../errors.js'
import { phases } from '../reasoning/types.js'
import { builtIn, required } from './define.js'
import type { AnyPlugin, CapabilityName } from './types.js'

const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const semverPattern = /^\d+\.\d+\.\d+(?:[-+].+)?$/
const kinds = new Set(['wearable', 'storage', 'events', 'model', 'detector', 'node'])

/**
 * Checks a list of plugins before any of them runs: shapes, unique names, capabilities, peers.
 * All problems are told at once, each with what to do.
 *
 * @throws AurenError AUREN_PLUGIN_INVALID, AUREN_PLUGIN_DUPLICATE or AUREN_CAPABILITY_MISSING (the first kind found;
 * `issues` holds every problem).
 */
export function checkPlugins(plugins: readonly AnyPlugin[]): void {
  const invalid = plugins.flatMap((plugin, index) => invalidParts(plugin, index))
  if (invalid.length > 0) throw problem('AUREN_PLUGIN_INVALID', invalid)

  const duplicates = duplicateIds(plugins)
  if (duplicates.length > 0) throw problem('AUREN_PLUGIN_DUPLICATE', duplicates)

  const missing = missingCapabilities(plugins)
  if (missing.length > 0) throw problem('AUREN_CAPABILITY_MISSING', missing)
}

/**
 * Looks for each declared peer without loading it, so that a missing package is told at the start and not at the first use.
 *
 * @throws AurenError AUREN_PEER_MISSING with the command that installs it.
 */
export function checkPeers(plugins: readonly AnyPlugin[], isInstalled: (name: string) => boolean = canResolve): void {
  for (const plugin of plugins) {
    for (const [name, range] of Object.entries(plugin.peers ?? {})) {
      if (isInstalled(name)) continue
      throw new AurenError(
        'AUREN_PEER_MISSING',
        `Plugin "${plugin.id}" needs the package ${name}. Install it: npm install ${name}@"${range}"`,
        { plugin: plugin.id },
      )
    }
  }
}

/** From here or from the program's own folder; a package that exports nothing for `require` is there all the same. */
function canResolve(name: string): boolean {
  return [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href].some((from) => {
    try {
      createRequire(from).resolve(name)
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
    }
  })
}

interface Problem {
  path: string
  message: string
}

function problem(
  code: 'AUREN_PLUGIN_INVALID' | 'AUREN_PLUGIN_DUPLICATE' | 'AUREN_CAPABILITY_MISSING',
  issues: Problem[],
): AurenError {
  return new AurenError(code, issues.map((issue) => issue.message).join('\n'), { issues })
}

function invalidParts(plugin: AnyPlugin, index: number): Problem[] {
  const path = `plugins[${index}]`
  if (typeof plugin !== 'object' || plugin === null) {
    return [{ path, message: `${path} is ${typeof plugin}; pass what the factory returns, e.g. oura({ … })` }]
  }
  const name = typeof plugin.id === 'string' ? `"${plugin.id}"` : path
  const found: Problem[] = []
  const add = (message: string) => found.push({ path, message: `Plugin ${name}: ${message}` })
  if (typeof plugin.id !== 'string' || !idPattern.test(plugin.id))
    add('its id must be lower-case letters, digits and dashes')
  if (typeof plugin.version !== 'string' || !semverPattern.test(plugin.version))
    add('its version must be semver, such as 1.0.0')
  if (!kinds.has(plugin.kind)) add(`its kind must be one of ${[...kinds].join(', ')}`)
  const functions: Partial<Record<AnyPlugin['kind'], string>> = {
    wearable: 'normalize',
    storage: 'open',
    events: 'open',
    model: 'open',
    detector: 'run',
    node: 'run',
  }
  const wanted = functions[plugin.kind]
  if (wanted && typeof (plugin as unknown as Record<string, unknown>)[wanted] !== 'function')
    add(`it has no function ${wanted}()`)
  if (plugin.kind === 'node' && !phases.includes(plugin.phase)) add(`its phase must be one of ${phases.join(', ')}`)
  return found
}

function duplicateIds(plugins: readonly AnyPlugin[]): Problem[] {
  const seen = new Map<string, number>()
  const found: Problem[] = []
  plugins.forEach((plugin, index) => {
    const first = seen.get(plugin.id)
    if (first !== undefined)
      found.push({
        path: `plugins[${index}]`,
        message: `"${plugin.id}" is listed twice (${first} and ${index}); ids are unique over all kinds`,
      })
    else seen.set(plugin.id, index)
  })
  return found
}

/** What a plugin of the list provides, at run time. */
export function providedBy(plugin: AnyPlugin): readonly CapabilityName[] {
  if (plugin.kind === 'storage') return plugin.provides
  if (plugin.kind === 'events') return ['bus']
  if (plugin.kind === 'model') return ['model']
  return []
}

const whoProvides: Record<CapabilityName, string> = {
  hot: 'a storage plugin, or nothing: AUREN has one in process',
  longTerm: 'a storage plugin such as pglite({ dataDir })',
  patterns: 'a storage plugin such as pglite({ dataDir })',
  ladder: 'a storage plugin such as pglite({ dataDir }), or nothing: it is then built anew each time',
  journal: 'a storage plugin such as pglite({ dataDir })',
  threads: 'a storage plugin such as pglite({ dataDir })',
  vault: 'a storage plugin such as pglite({ dataDir })',
  identity: 'a storage plugin such as pglite({ dataDir })',
  bus: 'an events plugin, or nothing: the outbox table serves',
  model: 'a model plugin such as openai({ model })',
}

function missingCapabilities(plugins: readonly AnyPlugin[]): Problem[] {
  const provided = new Set<CapabilityName>([...builtIn, ...plugins.flatMap(providedBy)])
  const found: Problem[] = required
    .filter((capability) => !provided.has(capability))
    .map((capability) => ({ path: 'plugins', message: `AUREN needs "${capability}": add ${whoProvides[capability]}` }))
  plugins.forEach((plugin, index) => {
    for (const capability of (plugin.needs ?? []) as readonly CapabilityName[]) {
      if (!provided.has(capability)) {
        found.push({
          path: `plugins[${index}]`,
          message: `Plugin "${plugin.id}" needs "${capability}": add ${whoProvides[capability]}`,
        })
      }
    }
  })
  return found
}
