import type { Role } from '../../src/deployment.js'
import { type KillableServer, startKillable } from '../kill/server.js'
import type { Place } from './place.js'

/** A named place at which a process kills itself, the n-th time that it passes it. */
export interface Planned {
  place: string
  nth: number
}

/** One process of an installation, which is started again after it was killed. */
export interface Slot {
  /** Comma list; all roles where absent. */
  roles?: string
  /** Further variables, e.g. a skewed clock. */
  env?: Record<string, string>
  /** Kills to come, each in a life of the process of its own. */
  plan?: Planned[]
}

/** A process of an installation, over all its lives. */
export interface Member {
  has(role: Role): boolean
  /** Of the life that it lives now. */
  server(): KillableServer
  /** Planned kill of this life; null where there is none. */
  armed(): Planned | null
  /** Begins the next life, armed with the next planned kill, or with the one that has not come to pass. */
  start(armedWith?: 'next' | 'same'): Promise<void>
  address(role: Role): string | null
}

/** Several processes on one place. */
export interface Fleet {
  members: Member[]
  /** Addresses of those that answer now. */
  addresses(role: Role): string[]
  /** SIGTERM to all; those of a deployment leave what waits. */
  stop(): Promise<void>
  /** SIGKILL to whoever still lives. */
  end(): Promise<void>
}

/** Starts processes side by side. */
export async function startFleet(place: Place, slots: readonly Slot[]): Promise<Fleet> {
  const members = slots.map((slot) => createMember(place, slot))
  const fleet: Fleet = {
    members,
    addresses: (role) => members.flatMap((member) => member.address(role) ?? []),
    async stop() {
      await Promise.all(members.map((member) => member.server().stop()))
    },
    async end() {
      for (const member of members) member.server().kill()
      await Promise.all(members.map((member) => member.server().ended))
    },
  }
  // The first makes the tables; those after it find them.
  for (const member of members) await member.start()
  return fleet
}

function createMember(place: Place, { roles, env = {}, plan = [] }: Slot): Member {
  const left = [...plan]
  let server: KillableServer | null = null
  let armed: Planned | null = null
  let addresses: Awaited<KillableServer['addresses']> = null
  return {
    has: (role) => roles === undefined || roles.split(',').includes(role),
    server: () => server as KillableServer,
    armed: () => armed,
    address: (role) => addresses?.[role] ?? null,
    async start(armedWith = 'next') {
      if (armedWith === 'next') armed = left.shift() ?? null
      const mine = startKillable({
        ...place.env,
        ...(roles === undefined ? {} : { AUREN_ROLES: roles }),
        ...env,
        ...(armed ? { AUREN_FAILPOINT: `${armed.place}@${armed.nth}` } : {}),
      })
      server = mine
      mine.ended.then(() => {
        if (server === mine) addresses = null
      })
      // An armed process may die of its work before it says where it answers.
      const found = mine.found.catch(async (error: unknown) => {
        if ((await mine.ended) !== 'SIGKILL') throw error
      })
      await found
      const said = await mine.addresses
      if (server === mine) addresses = said
    },
  }
}
