import type { Migration } from '../migrate.js'
import { journal } from './0001-journal.js'
import { longterm } from './0002-longterm.js'
import { patterns } from './0003-patterns.js'
import { threads } from './0004-threads.js'
import { ordinals } from './0005-ordinals.js'
import { log } from './0006-log.js'
import { identity } from './0007-identity.js'
import { runLeases } from './0008-run-leases.js'
import { refreshLeases } from './0009-refresh-leases.js'
import { upkeep } from './0010-upkeep.js'
import { turnWords } from './0011-turn-words.js'
import { oneCurrent } from './0012-one-current.js'
import { ladder } from './0014-ladder.js'
import { erasures } from './0015-erasures.js'
import { columns } from './0016-columns.js'
import { memoryVersions } from './0017-memory-versions.js'

/** All steps of the schema, in order. */
export const migrations: readonly Migration[] = [
  journal,
  longterm,
  patterns,
  threads,
  ordinals,
  log,
  identity,
  runLeases,
  refreshLeases,
  upkeep,
  turnWords,
  oneCurrent,
  ladder,
  erasures,
  columns,
  memoryVersions,
]
