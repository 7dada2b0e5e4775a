import type { PluginContext } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../../test/servers/postgres.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { postgres } from '../src/storage/postgres/index.js'
import { asAdmin } from './postgres-fixture.js'

const masterKey = Buffer.alloc(32, 7).toString('base64')

// Roles are a server's: what happens where there are none yet needs a server of one's own, of each version that is here.
for (const [version, name] of [
  ['15', 'postgres'],
  ['18', 'postgres18'],
] as const)
  describe.skipIf(service(name) === null)(`a new PostgreSQL ${version}`, () => {
    let server: Server

    beforeAll(async () => {
      server = await startPostgres({ version })
    })
    afterAll(() => server?.remove())

    const admin = (text: string) => asAdmin(server.address, text)
    const urlOf = (role: string, database: string): string => {
      const url = new URL(server.address)
      url.username = role
      url.password = 'test'
      url.pathname = `/${database}`
      return url.href
    }
    const open = async (url: string, log: PluginContext['log'] = () => {}, patienceMs = 1) => {
      const storage = await postgres({ url, masterKey, pool: 2, patienceMs }).open({ log, now: Date.now })
      await storage.close()
    }
    const make = async (role: string, powers: string): Promise<string> => {
      await admin(`create role ${role} login ${powers}`)
      await admin(`create database of_${role} owner ${role}`)
      return urlOf(role, `of_${role}`)
    }

    it('refuses a role without power and says what it needs, while there are no restricted roles', async () => {
      const url = await make('weak', '')
      await expect(open(url)).rejects.toMatchObject({
        code: 'AUREN_CONFIG_INVALID',
        message: expect.stringContaining('CREATEROLE'),
      })
      await admin(
        'create role auren_person nologin; create role auren_relay nologin; create role auren_consumer nologin',
      )
      await expect(open(url)).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
      await admin('grant auren_person, auren_relay, auren_consumer to weak')
      await open(url)
      await open(url)
      await admin('drop database of_weak')
      await admin('drop role auren_person, auren_relay, auren_consumer, weak')
    })

    it('lets a role with CREATEROLE make them, once', async () => {
      const url = await make('maker', 'createrole')
      await open(url)
      await open(url)
    })

    it('lets several databases be made at the same moment, by a superuser as in the compose file', async () => {
      const names = ['a', 'b', 'c', 'd']
      for (const name of names) await admin(`create database side_${name}`)
      await Promise.all(names.flatMap((name) => [1, 2].map(() => open(urlOf('postgres', `side_${name}`)))))
    })

    it.each(['login', 'bypassrls', 'superuser', 'createrole'])(
      'is refused when somebody gave a restricted role %s',
      async (power) => {
        await admin(`alter role auren_relay ${power}`)
        const error = await open(urlOf('maker', 'of_maker')).catch((caught: unknown) => caught)
        expect(error).toMatchObject({
          code: 'AUREN_CONFIG_INVALID',
          message: expect.stringMatching(/auren_relay must be NOLOGIN/),
        })
        await admin(`alter role auren_relay no${power}`)
        await open(urlOf('maker', 'of_maker'))
      },
    )

    it('is refused when somebody made a restricted role a member of another', async () => {
      await admin('create role other')
      await admin('grant other to auren_person')
      await expect(open(urlOf('maker', 'of_maker'))).rejects.toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
      await admin('drop role other')
    })

    it('is refused where the tables were made by another role, whose policies would hide everything', async () => {
      const url = await make('first', '')
      await admin('create role second login')
      await admin('grant auren_person, auren_relay, auren_consumer to first, second')
      await open(url)
      await asAdmin(server.address, 'reassign owned by first to second', 'of_first')
      await expect(open(urlOf('second', 'of_first'))).rejects.toMatchObject({
        code: 'AUREN_CONFIG_INVALID',
        message: expect.stringContaining('made by the role first'),
      })
      // The roles of members are theirs too.
      await admin('grant first to second')
      await open(urlOf('second', 'of_first'))
    })

    it('says at once what is wrong with the URL, and waits for a server that is not there', async () => {
      const wrong = expect.objectContaining({ code: 'AUREN_CONFIG_INVALID', message: expect.stringContaining('URL') })
      await expect(open(urlOf('nobody', 'of_maker'))).rejects.toEqual(wrong)
      await expect(open(urlOf('maker', 'nowhere'))).rejects.toEqual(wrong)
      await server.stop()
      await expect(open(urlOf('maker', 'of_maker'))).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE' })
      const said: string[] = []
      const opening = open(urlOf('maker', 'of_maker'), (_, message) => said.push(message), 60_000)
      while (!said.includes('postgres: waiting for the server')) await new Promise((resolve) => setTimeout(resolve, 20))
      await server.start()
      await opening
    })
  })
