import type { RunnableConfig } from '@langchain/core/runnables'
import type { BaseCheckpointSaver, Checkpoint, CheckpointMetadata, CheckpointTuple } from '@langchain/langgraph'
import { AurenError } from '../errors.js'
import type { CheckpointRow, CheckpointRows } from '../memory/ports.js'
import type { UserId } from '../observation/schema.js'

/** LangGraph's names of writes that are no channel's, with the places that keep them apart from a task's own writes. */
const specialWrites: Readonly<Record<string, number>> = {
  __error__: -1,
  __scheduled__: -2,
  __interrupt__: -3,
  __resume__: -4,
}
/** LangGraph's channel of pending sends. */
const TASKS = '__pregel_tasks'

/**
 * LangGraph's checkpointer over AUREN's rows. The person comes from `config.configurable.user` and from nowhere else
 * (a thread's id says nothing about whose it is); `user` binds a saver to one person, for tools that know no persons.
 * Each checkpoint is whole, so that any of them can be read, and removed, without its ancestors.
 *
 * @throws AurenError AUREN_INPUT_INVALID from its methods, where person, thread or checkpoint is not named.
 */
export async function createCheckpointer(rows: CheckpointRows, user?: UserId): Promise<BaseCheckpointSaver> {
  const { BaseCheckpointSaver, copyCheckpoint } = await import('@langchain/langgraph')

  const personOf = (config: RunnableConfig): UserId => {
    const named: unknown = config.configurable?.user ?? user
    if (typeof named !== 'string' || named === '') throw missing('configurable.user')
    if (user !== undefined && named !== user) {
      throw new AurenError('AUREN_FORBIDDEN', 'This checkpointer belongs to another person')
    }
    return named
  }

  class RowSaver extends BaseCheckpointSaver {
    async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
      const { thread_id: thread, checkpoint_ns: ns = '', checkpoint_id: id } = config.configurable ?? {}
      if (thread === undefined) return undefined
      const key = { thread: String(thread), ns: String(ns) }
      const person = personOf(config)
      const row = await rows.get(person, id ? { ...key, id: String(id) } : key)
      return row ? this.#tuple(person, row) : undefined
    }

    async *list(
      config: RunnableConfig,
      options: { limit?: number; before?: RunnableConfig; filter?: Record<string, unknown> } = {},
    ): AsyncGenerator<CheckpointTuple> {
      const { thread_id: thread, checkpoint_ns: ns, checkpoint_id: id } = config.configurable ?? {}
      const before = options.before?.configurable?.checkpoint_id as string | undefined
      const person = personOf(config)
      // A filter is on metadata, which is sealed: it is applied here, and so is the limit then.
      const limit = options.filter === undefined && id === undefined ? options.limit : undefined
      const found = await rows.list(person, {
        ...(thread === undefined ? {} : { thread: String(thread) }),
        ...(ns === undefined ? {} : { ns: String(ns) }),
        ...(before === undefined ? {} : { before }),
        ...(limit === undefined ? {} : { limit }),
      })
      let left = options.limit ?? Number.POSITIVE_INFINITY
      for (const row of found) {
        if (left <= 0) return
        if (id !== undefined && row.id !== id) continue
        const tuple = await this.#tuple(person, row)
        const metadata = tuple.metadata as Record<string, unknown> | undefined
        if (Object.entries(options.filter ?? {}).some(([key, value]) => metadata?.[key] !== value)) continue
        left -= 1
        yield tuple
      }
    }

    async put(
      config: RunnableConfig,
      checkpoint: Checkpoint,
      metadata: CheckpointMetadata,
      newVersions: Record<string, string | number>,
    ): Promise<RunnableConfig> {
      const { thread_id: thread, checkpoint_ns: ns = '', checkpoint_id: parent } = config.configurable ?? {}
      if (thread === undefined) throw missing('configurable.thread_id')
      const person = personOf(config)
      const kept = copyCheckpoint(checkpoint)
      // A first checkpoint holds what changed; a later one everything, also what only its ancestors wrote.
      if (parent === undefined) {
        kept.channel_values = Object.fromEntries(
          Object.entries(kept.channel_values).filter(([channel]) => channel in newVersions),
        )
      }
      const [[checkpointType, bytes], [metadataType, about]] = await Promise.all([
        this.serde.dumpsTyped(kept),
        this.serde.dumpsTyped(metadata),
      ])
      await rows.put(person, {
        thread: String(thread),
        ns: String(ns),
        id: checkpoint.id,
        parent: parent === undefined ? null : String(parent),
        checkpoint: bytes,
        checkpointType,
        metadata: about,
        metadataType,
      })
      return { configurable: { thread_id: thread, checkpoint_ns: ns, checkpoint_id: checkpoint.id } }
    }

    async putWrites(config: RunnableConfig, writes: [string, unknown][], taskId: string): Promise<void> {
      const { thread_id: thread, checkpoint_ns: ns = '', checkpoint_id: id } = config.configurable ?? {}
      if (thread === undefined) throw missing('configurable.thread_id')
      if (id === undefined) throw missing('configurable.checkpoint_id')
      const values = await Promise.all(
        writes.map(async ([channel, value], position) => {
          const [type, bytes] = await this.serde.dumpsTyped(value)
          return { index: specialWrites[channel] ?? position, channel, type, value: bytes }
        }),
      )
      await rows.putWrites(
        personOf(config),
        { thread: String(thread), ns: String(ns), id: String(id), task: taskId },
        values,
      )
    }

    async deleteThread(thread: string): Promise<void> {
      if (user === undefined) throw missing('the person; remove a thread through the port of threads')
      await rows.removeThread(user, thread)
    }

    async #tuple(person: UserId, row: CheckpointRow): Promise<CheckpointTuple> {
      const checkpoint = (await this.serde.loadsTyped(row.checkpointType, row.checkpoint)) as Checkpoint
      const key = { thread_id: row.thread, checkpoint_ns: row.ns }
      if (checkpoint.v < 4 && row.parent !== null) await this.#migrate(person, checkpoint, row)
      const writes = row.writes.toSorted((a, b) => (a.task === b.task ? a.index - b.index : a.task < b.task ? -1 : 1))
      return {
        config: { configurable: { ...key, checkpoint_id: row.id } },
        checkpoint,
        metadata: (await this.serde.loadsTyped(row.metadataType, row.metadata)) as CheckpointMetadata,
        ...(row.parent === null ? {} : { parentConfig: { configurable: { ...key, checkpoint_id: row.parent } } }),
        pendingWrites: await Promise.all(
          writes.map(
            async (write): Promise<[string, string, unknown]> => [
              write.task,
              write.channel,
              await this.serde.loadsTyped(write.type, write.value),
            ],
          ),
        ),
      }
    }

    /** Before version 4, LangGraph kept pending sends as writes of the parent. */
    async #migrate(person: UserId, checkpoint: Checkpoint, row: CheckpointRow): Promise<void> {
      const parent = await rows.get(person, { thread: row.thread, ns: row.ns, id: row.parent as string })
      const sends = (parent?.writes ?? [])
        .filter((write) => write.channel === TASKS)
        .toSorted((a, b) => (a.task === b.task ? a.index - b.index : a.task < b.task ? -1 : 1))
      checkpoint.channel_values[TASKS] = await Promise.all(
        sends.map((write) => this.serde.loadsTyped(write.type, write.value)),
      )
      const versions = Object.values(checkpoint.channel_versions).map(Number)
      checkpoint.channel_versions[TASKS] = versions.length > 0 ? Math.max(...versions) : this.getNextVersion(undefined)
    }
  }
  return new RowSaver()
}

function missing(what: string): AurenError {
  return new AurenError('AUREN_INPUT_INVALID', `The checkpointer needs ${what}`)
}
