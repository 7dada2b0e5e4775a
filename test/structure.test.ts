import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { circles, eagerLangchain, outwardImports, vendorsInCore } from './structure/arrows.js'
import {
  differingVersions,
  eagerPeers,
  optionalsNotInLock,
  resolvedInLock,
  undeclaredImports,
} from './structure/dependencies.js'
import { type Graph, readGraph } from './structure/graph.js'
import { longFiles, missingRooms } from './structure/rooms.js'
import { localWords } from './structure/words.js'

const root = resolve(import.meta.dirname, '..')

describe('the structure of the repository', () => {
  let graph: Graph
  beforeAll(async () => {
    graph = await readGraph(root)
  })

  it('sees the sources at all', () => {
    expect(graph.size).toBeGreaterThan(10)
    expect(graph.has('packages/core/src/index.ts')).toBe(true)
  })

  it('has arrows that point inward only', () => expect(outwardImports(graph)).toEqual([]))
  it('has no circular import', () => expect(circles(graph)).toEqual([]))
  it('keeps vendor packages out of core', () => expect(vendorsInCore(graph)).toEqual([]))
  it('does not load LangChain with core', () => expect(eagerLangchain(graph)).toEqual([]))
  it('declares what it imports', () => expect(undeclaredImports(root, graph)).toEqual([]))
  it('loads optional peers on first use', () => expect(eagerPeers(root, graph)).toEqual([]))
  it('uses one version of each dependency', () => expect(differingVersions(root)).toEqual([]))
  it('has a lock file without download addresses', () => expect(resolvedInLock(root)).toEqual([]))
  it('has a lock file that works on every system', () => expect(optionalsNotInLock(root)).toEqual([]))
  it('gives each plugin its rooms', () => expect(missingRooms(root)).toEqual([]))
  it('has no file over 500 lines', () => expect(longFiles(root)).toEqual([]))
  it('names no path of a machine and no registry host', () => expect(localWords(root)).toEqual([]))
})
