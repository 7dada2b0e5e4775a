import { balance, countedBeats, createOracle, type Oracle, steppingClock, storedBeats } from './delivery-oracle.js'
import { type DeliveryFaults, type DeliveryNode, type DeliveryWorld, startNode } from './delivery-world.js'
import type { TestRunner } from './storage-kit.js'

/** A world of one test, with its clock and its oracle. */
export interface DeliveryTest {
  world: DeliveryWorld
  oracle: Oracle
  clock: ReturnType<typeof steppingClock>
  /** Starts a process; all are closed at the end. */
  start(faults?: DeliveryFaults): Promise<DeliveryNode>
  /** Starts one whose log is the table, over the same database. */
  startTable(faults?: DeliveryFaults): Promise<DeliveryNode>
  /** Waits until nothing waits, and holds what is stored to the oracle: all of it, once, and nothing else. */
  settle(node: DeliveryNode): Promise<void>
}

/** Runs a test in a world of its own, and closes what it started. */
export type Within = (body: (test: DeliveryTest) => Promise<void>) => () => Promise<void>

/** Makes worlds for tests. */
export function createWithin(expect: TestRunner['expect'], open: () => Promise<DeliveryWorld>): Within {
  return (body) => async () => {
    const world = await open()
    const clock = steppingClock()
    const oracle = createOracle()
    const nodes: DeliveryNode[] = []
    const begin = async (opened: { open: DeliveryWorld['open'] }, faults?: DeliveryFaults): Promise<DeliveryNode> => {
      const node = await startNode(opened, clock.now, faults)
      const { close } = node
      let closed: Promise<void> | null = null
      node.close = () => {
        closed ??= close()
        return closed
      }
      nodes.push(node)
      return node
    }
    try {
      await body({
        world,
        oracle,
        clock,
        start: (faults) => begin(world, faults),
        startTable: (faults) => begin({ open: world.openTable ?? world.open }, faults),
        async settle(node) {
          await node.ingest.settled()
          for (const user of oracle.users()) {
            const expected = oracle.expected(user)
            expect(await storedBeats(node.longTerm, user)).toEqual(expected)
            expect(await countedBeats(node.longTerm, user)).toBe(expected.length)
          }
          expect(await balance(node.journal)).toEqual({ waiting: 0, lost: 0 })
        },
      })
    } finally {
      for (const node of nodes) await node.close()
      await world.close()
    }
  }
}
