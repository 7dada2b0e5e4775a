import { startNode } from '@auren/core/testing'
import { joinKafkaWorld, type KafkaPlace } from './delivery-worlds.js'

// A worker in a process of its own, to be killed or stopped: relay and consumer over the world that its argument names.
const place = JSON.parse(process.argv[2] ?? '{}') as KafkaPlace
await startNode(joinKafkaWorld(place), Date.now)
process.stdout.write('ready\n')
