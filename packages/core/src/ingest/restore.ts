import { z } from 'zod'
import type { MetricRegistry } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import type { IdentityStore } from '../events/identity.js'
import type { Journal, QuarantineItem, Tx } from '../events/ports.js'
import { EXPORT_VERSION } from '../exchange/lines.js'
import {
  beginsExport,
  ExportHead,
  isReadable,
  LINE_MAX_BYTES,
  parseLine,
  type ReadLine,
  type Stamps,
} from '../exchange/parse-line.js'
import { readFileLines } from '../exchange/read-lines.js'
import type { Batch, Hot, LongTerm, Patterns, Threads } from '../memory/ports.js'
import type { Instant, Observation, ObservationInput, UserId } from '../observation/schema.js'
import type { FileSource } from '../plugin/types.js'
import { checkAll } from './accept.js'
import { newMemories, newTurns, profileOf, restoreConsents } from './restore-parts.js'

/** Name by which an import says that a file is an export of AUREN itself. */
export const OWN_EXPORT = 'auren'
/** Lines and bytes of one transaction. */
const AT_ONCE = 2000
const AT_ONCE_BYTES = 1024 * 1024
/** Of a line that is set aside, what is kept to look at. */
const KEPT = 10_000
const NOT_YET = 'it is said to be known since a time that has not come'

/** What a person says of an export: `mine`, that it is theirs though it names somebody else. */
export const RestoreOptions = z.strictObject({ mine: z.boolean().optional() })

/** What bringing an export back stands on. */
export interface RestorePorts {
  journal: Journal
  registry: MetricRegistry
  longTerm: Pick<LongTerm, 'write' | 'profile' | 'setProfile'>
  patterns: Pick<Patterns, 'get' | 'put'>
  threads: Pick<Threads, 'turns' | 'addTurn'>
  identity?: Pick<IdentityStore, 'consents' | 'addConsent'> | null
  hot: Pick<Hot, 'wipe'>
}

/** Where to go on after a crash. */
export interface RestoreCursor {
  offset: number
  /** Number of the line there. */
  line: number
  ended: boolean
}

/** Some lines of an export, read and ready to be written in one transaction. */
export interface RestoreStep {
  cursor: RestoreCursor
  bytes: number
  /** Lines that are something to keep. */
  kept: number
  observations: number
  aside: Omit<QuarantineItem, 'id' | 'replayedAt'>[]
  write(tx: Tx): Promise<void>
}

/** Whose export it is brought back for, and the delivery that stands for it. */
export interface RestoreOrigin {
  user: UserId
  receivedAt: Instant
  rawRef: string
}

/** Whether a file is an export of AUREN. */
export async function isOwnExport(file: FileSource): Promise<boolean> {
  return beginsExport(await file.read(0, Math.min(64, file.size)))
}

/**
 * Reads the first line, and refuses what cannot be brought back.
 * @throws AurenError AUREN_INPUT_INVALID where it is none, or of a newer version; AUREN_CONFLICT where it names somebody
 * else, and the person has not said that it is theirs
 */
export async function checkExport(file: FileSource, user: UserId, options: unknown): Promise<ExportHead> {
  const lines = readFileLines(file, { offset: 0, n: 1, most: 64 * 1024, signal: new AbortController().signal })
  const first = (await lines.next()).value?.text?.replace(/^\ufeff/, '')
  const head = ExportHead.safeParse(first === undefined ? null : jsonOf(first))
  if (!head.success)
    throw new AurenError('AUREN_INPUT_INVALID', 'This is no export of AUREN: its first line is not as one begins.')
  if (!isReadable(head.data))
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      `This export is of version ${head.data.v}, and version ${EXPORT_VERSION} is the newest that is read here: update AUREN.`,
    )
  const { mine = false } = RestoreOptions.parse(options ?? {})
  if (head.data.user !== user && !mine)
    throw new AurenError(
      'AUREN_CONFLICT',
      'This export names another person than you. If it is yours, say so: auren import --mine, or the option "mine". All of it becomes yours then.',
    )
  return head.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Brings an export back, some lines at a time. Whose it becomes is who imports it, whatever the file says. What is there
 * already is merged by the rules of every delivery, so twice is once. What cannot be read is set aside with its reason.
 */
export async function* restoreSteps(
  ports: RestorePorts,
  file: FileSource,
  head: ExportHead,
  origin: RestoreOrigin,
  cursor: RestoreCursor | null,
  signal: AbortSignal,
): AsyncGenerator<RestoreStep> {
  const from = cursor ?? { offset: 0, line: 1, ended: false }
  const lines = readFileLines(file, { offset: from.offset, n: from.line, most: LINE_MAX_BYTES, signal })
  let step = newStep(ports, head, origin)
  let { ended } = from
  let began = from.offset
  let at = from
  for await (const { n, text, next } of lines) {
    at = { offset: next, line: n + 1, ended }
    if (n > 1 && text !== '') {
      const read = text === null ? { wrong: `longer than ${LINE_MAX_BYTES} bytes` } : parseLine(text)
      if ('wrong' in read) step.refuse(n, text, read.wrong)
      else if (read.type === 'end') {
        ended = true
        at.ended = true
        if (read.lines !== n - 1) step.refuse(n, text, 'lines are missing before it, or there are too many')
      } else step.take(n, read)
    }
    if (step.lines() >= AT_ONCE || next - began >= AT_ONCE_BYTES) {
      yield await step.made(at)
      step = newStep(ports, head, origin)
      began = next
    }
  }
  if (head.v >= 2 && !ended)
    step.refuse(at.line, null, 'the file breaks off before its end: what is missing is not in it')
  yield await step.made({ ...at, ended: true })
}

function newStep(ports: RestorePorts, head: ExportHead, origin: RestoreOrigin) {
  const { user, receivedAt, rawRef } = origin
  const read: ReadLine[] = []
  const batches: Batch[] = []
  const aside: RestoreStep['aside'] = []
  let [kept, observations, taken] = [0, 0, 0]
  // A file's account is the person: it is another one now.
  const accountOf = (account: string | undefined): string =>
    account === undefined || account === head.user ? user : account

  const refuse = (n: number, text: string | null, detail: string): void => {
    taken++
    aside.push({
      user,
      provider: OWN_EXPORT,
      account: user,
      rawRef,
      receivedAt,
      reason: 'export_line',
      detail: `line ${n}: ${detail}`.slice(0, 1000),
      item: { kind: 'part', value: { line: n, text: text?.slice(0, KEPT) ?? null } },
    })
  }
  const observe = (n: number, item: Stamps): void => {
    const { provider, account: said, receivedAt: first, lastReceivedAt, rawRef: ref, ...rest } = item
    const account = accountOf(said)
    if (Math.max(first, lastReceivedAt ?? first) > receivedAt || (lastReceivedAt ?? first) < first)
      return void refuse(n, JSON.stringify(item), NOT_YET)
    const { passed, aside: refused } = checkAll([rest as ObservationInput], {
      provider,
      account,
      receivedAt: first,
      registry: ports.registry,
    })
    for (const { reason, detail } of refused) {
      const about = { user, provider, account, rawRef: ref, receivedAt: first }
      aside.push({ ...about, reason, detail, item: { kind: 'observation', value: rest } })
    }
    const [checked] = passed
    if (!checked) return
    observations++
    const last = batches.at(-1)
    const batch = {
      provider,
      account,
      receivedAt: first,
      rawRef: ref,
      amends: true,
      ...(lastReceivedAt === undefined ? {} : { lastReceivedAt }),
    }
    if (last && last.records === undefined && isSame(last, batch)) (last.observations as Observation[]).push(checked)
    else batches.push({ ...batch, observations: [checked] })
  }
  return {
    lines: () => taken,
    refuse,
    take(n: number, line: ReadLine): void {
      taken++
      if (line.type === 'observation' || line.type === 'revision') return void observe(n, line.item)
      if (line.type === 'record') {
        const { provider, account, recordId, marks } = line.item
        if (marks.some(({ at }) => at > receivedAt)) return void refuse(n, JSON.stringify(line), NOT_YET)
        const batch = { provider, account: accountOf(account), receivedAt, rawRef, amends: true, observations: [] }
        batches.push({ ...batch, records: [{ recordId, marks }] })
        kept++
        return
      }
      // Whose secret is not in the file, that cannot be used again; and what was withheld is not in it either.
      if (line.type === 'token' || line.type === 'withheld') return
      kept++
      read.push(line)
    },
    /** Reads what is there before: the step is written in one transaction, which nothing else can read beside. */
    async made(cursor: RestoreCursor): Promise<RestoreStep> {
      const profile = await profileOf(ports, user, head, read)
      const memories = await newMemories(ports, user, read)
      const turns = await newTurns(ports, user, read)
      await restoreConsents(ports, user, read)
      return {
        cursor,
        bytes: cursor.offset,
        kept: kept + observations,
        observations,
        aside,
        async write(tx) {
          await ports.journal.lockPersons(tx, [user])
          if (aside.length > 0) await ports.journal.quarantine(tx, aside)
          if (profile) await ports.longTerm.setProfile(tx, user, profile)
          if (batches.length > 0) await ports.longTerm.write(tx, user, batches)
          await ports.patterns.put(tx, user, memories)
          for (const turn of turns) await ports.threads.addTurn(tx, user, turn)
        },
      }
    },
  }
}

function isSame(a: Batch, b: Omit<Batch, 'observations'>): boolean {
  return (
    a.provider === b.provider &&
    a.account === b.account &&
    a.receivedAt === b.receivedAt &&
    a.lastReceivedAt === b.lastReceivedAt &&
    a.rawRef === b.rawRef
  )
}
