import { randomUUID } from 'node:crypto'
import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import { claimsOf } from './claims.js'
import { standingAt, withEvidence } from './confidence.js'
import type { Contradiction } from './contradiction.js'
import { contradictionOf, renewContradictions, resolved } from './contradictions.js'
import { kindRules } from './kinds.js'
import type { Evidence, Hot, MemoryKind, MemoryRecord, Patterns, Scope } from './ports.js'
import { spanOf, statementsOf } from './statements.js'

/** Something to remember, as the person said it. */
export interface Statement {
  kind: MemoryKind
  text: string
  about?: readonly string[]
  body?: Record<string, unknown>
  /** Shown and undoable, but not yet confirmed. Default: confirmed. */
  drafted?: boolean
  /** Turn or delivery that it came from. */
  derivedFrom?: readonly string[]
  /** World time for which it holds. Default: from now on. */
  validFrom?: Instant
  validTo?: Instant | null
}

/** What a person says of themselves, and what they decide. */
export interface Said {
  /**
   * Keeps a note, and drafts of what the rules read in it (a goal, an allergy, an illness …), which are derived from the
   * note and go with it. Drafts wait to be confirmed, or undone by forgetting them.
   */
  note(text: string): Promise<{ note: MemoryRecord; drafts: MemoryRecord[] }>
  remember(statement: Statement): Promise<MemoryRecord>
  /** Confirms a drafted memory. */
  confirm(id: string): Promise<MemoryRecord>
  /** Replaces the words of a memory; the old ones can still be read as of then. */
  correct(id: string, fix: { text: string; body?: Record<string, unknown> }): Promise<MemoryRecord>
  /**
   * Adds what speaks for or against a memory; equal refs count once.
   * @throws AurenError AUREN_INPUT_INVALID for what was itself recalled from memory
   */
  weigh(id: string, evidence: readonly Evidence[]): Promise<MemoryRecord>
  /**
   * Closes a contradiction: `keep` holds, the other is put aside, and both stay readable. It is open again when either of
   * them is said anew.
   */
  resolve(id: string, keep: string, by?: 'person' | 'clinician'): Promise<Contradiction>
}

/** What {@link createSaid} stands on. */
export interface SaidPorts {
  journal: Pick<Journal, 'transaction' | 'person' | 'lockPersons'>
  patterns: Patterns
  hot: Pick<Hot, 'wipe'>
  now(): Instant
  /** The person's local date, for the days that words name. Absent: days are not read. */
  today?(user: UserId): Promise<LocalDate>
}

/** What one person says and decides; `renew` holds everything that is known against each other again. */
export function createSaid(ports: SaidPorts, user: UserId, scope: Scope): Said & { renew(): Promise<void> } {
  const { journal, patterns, hot, now } = ports

  const store = async (record: MemoryRecord): Promise<void> => {
    await journal.transaction(async (tx) => {
      await journal.person(tx, user)
      await journal.lockPersons(tx, [user])
      await patterns.put(tx, user, [record])
    })
    await hot.wipe(user)
  }
  // After the change is committed: of two that are made at once, the later one sees both.
  const renew = async (): Promise<void> => {
    const at = now()
    const records = (await patterns.list(scope, { status: ['drafted', 'active', 'weakening'] }))
      .map((record) => standingAt(record, at))
      .filter(({ status }) => status !== 'retired')
    await journal.transaction(async (tx) => {
      await journal.lockPersons(tx, [user])
      await renewContradictions(patterns, tx, user, records, at)
    })
    await hot.wipe(user)
  }
  /** Stores what was said, and holds it against what is known. `before`: what it takes the place of. */
  const say = async (record: MemoryRecord, before: readonly MemoryRecord[] = []): Promise<MemoryRecord> => {
    await store(record)
    if ([record, ...before].some((one) => claimsOf(one).length > 0)) await renew()
    return record
  }
  const require = async (id: string): Promise<MemoryRecord> => {
    const record = await patterns.get(scope, id)
    if (!record) throw new AurenError('AUREN_NOT_FOUND', `There is no memory ${id}.`)
    return record
  }

  const remember: Said['remember'] = async (statement) => {
    const text = checkText(statement.text)
    if (statement.kind === 'contradiction')
      throw new AurenError('AUREN_INPUT_INVALID', 'Contradictions are found, and not told: say what is so.')
    const at = now()
    const { validFrom = at, validTo = null } = statement
    if (validTo !== null && validTo < validFrom)
      throw new AurenError('AUREN_INPUT_INVALID', 'What is remembered ends after it begins.')
    return say({
      id: randomUUID(),
      kind: statement.kind,
      validFrom,
      validTo,
      recordedAt: at,
      supersededAt: null,
      origin: 'self',
      algorithm: null,
      derivedFrom: [...(statement.derivedFrom ?? [])],
      about: [...(statement.about ?? [])],
      text,
      body: statement.body ?? {},
      status: statement.drafted ? 'drafted' : 'active',
      confidence: null,
      pinned: kindRules[statement.kind].pinned,
    })
  }

  return {
    renew,

    remember,

    async note(text) {
      const note = await remember({ kind: 'note', text })
      const today = await ports.today?.(user)
      const drafts: MemoryRecord[] = []
      for (const read of statementsOf(note.text, today === undefined ? {} : { today })) {
        if (read.kind === 'note') continue
        const { kind, text: words, about, body } = read
        drafts.push(
          await remember({ kind, text: words, about, body, ...spanOf(read), drafted: true, derivedFrom: [note.id] }),
        )
      }
      return { note, drafts }
    },

    async confirm(id) {
      const old = await require(id)
      if (old.status === 'active') return old
      if (old.status !== 'drafted')
        throw new AurenError('AUREN_CONFLICT', 'Only a draft can be confirmed, and this memory no longer holds.')
      return say({ ...old, status: 'active', recordedAt: now() })
    },

    async correct(id, fix) {
      const old = await require(id)
      if (old.origin !== 'self')
        throw new AurenError(
          'AUREN_INPUT_INVALID',
          'What was computed cannot be reworded; correct the data that it came from.',
        )
      return say({ ...old, text: checkText(fix.text), body: fix.body ?? old.body, recordedAt: now() }, [old])
    },

    async weigh(id, evidence) {
      const old = await require(id)
      if (old.origin !== 'self')
        throw new AurenError('AUREN_INPUT_INVALID', 'What was computed has the evidence that it was computed from.')
      const record = { ...old, evidence: withEvidence(old.evidence ?? [], evidence), recordedAt: now() }
      await store(record)
      return standingAt(record, now())
    },

    async resolve(id, keep, by = 'person') {
      const held = await patterns.get(scope, id)
      const contradiction = held && held.status !== 'retired' ? contradictionOf(held) : null
      if (!contradiction) throw new AurenError('AUREN_NOT_FOUND', `There is no contradiction ${id}.`)
      const record = resolved(contradiction, keep, by, now())
      await store(record)
      return contradictionOf(record) as Contradiction
    },
  }
}

/** @throws AurenError AUREN_INPUT_INVALID */
function checkText(given: string): string {
  const text = given.trim()
  if (text === '' || text.length > 4000)
    throw new AurenError('AUREN_INPUT_INVALID', 'A memory has between 1 and 4,000 characters.')
  return text
}
