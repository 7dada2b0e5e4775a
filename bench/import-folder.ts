// A data folder in a process of its own: making a database takes memory that would be taken for what the server holds.
import { readConfig } from '../packages/server/src/config.js'
import { createLog } from '../packages/server/src/log.js'
import { composeServer } from '../packages/server/src/worker/start.js'

const config = readConfig(process.env)
const auren = await composeServer(config, createLog(config.logLevel))
await auren.close()
