import { testEvents } from '@auren/core/testing'
import * as vitest from 'vitest'
import { service } from '../../../test/services.js'
import { openKafkaWorld, openOnServer, openTableWorld } from './delivery-worlds.js'

const server = service('postgres')
const broker = service('kafka')

if (server !== null)
  testEvents({
    runner: vitest,
    name: 'the table, on PostgreSQL',
    open: async () => openTableWorld(await openOnServer(server)),
  })

if (server !== null && broker !== null)
  testEvents({
    runner: vitest,
    name: 'Kafka, on PostgreSQL',
    bus: true,
    open: async () => openKafkaWorld(broker, await openOnServer(server)),
  })
