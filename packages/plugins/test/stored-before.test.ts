import { openPglite } from '../src/storage/pglite/sql.js'
import { testStoredBefore } from './stored-before.js'

testStoredBefore(() => openPglite({ dataDir: 'memory://' }))
