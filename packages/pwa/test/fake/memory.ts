import { AurenError } from '../../../core/src/errors.js'
import type { Contradiction } from '../../../core/src/memory/contradiction.js'
import type { Memory } from '../../../core/src/memory/memory.js'
import type { MemoryRecord, Profile } from '../../../core/src/memory/ports.js'

function record(id: string, more: Partial<MemoryRecord>): MemoryRecord {
  return {
    id,
    kind: 'note',
    validFrom: Date.parse('2026-10-01T08:00:00Z'),
    validTo: null,
    recordedAt: Date.parse('2026-10-01T08:00:00Z'),
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about: [],
    text: '',
    body: {},
    status: 'active',
    confidence: null,
    pinned: false,
    ...more,
  }
}

const chapters = [
  ['2021-03-01', '2022-09-25', '1 Mar 2021 – 25 Sep 2022: the first chapter of your data.'],
  ['2022-09-26', '2022-12-04', '26 Sep – 4 Dec 2022: 40 min less sleep, sleep 3 h later. Together with: night shift.'],
  ['2022-12-05', null, 'Since 5 Dec 2022: 38 min more sleep, resting heart rate 3 bpm lower.'],
] as const

/** The invented person's memory. */
export function createMemory() {
  const records = new Map<string, MemoryRecord>()
  let profile: Profile = { units: 'metric', zones: [{ from: 0, zone: 'Europe/Berlin' }] }
  let erased = false
  const put = (one: MemoryRecord): MemoryRecord => {
    records.set(one.id, one)
    return one
  }
  put(record('m_note', { text: 'Started training for a half marathon' }))
  put(record('m_safety', { kind: 'safety', text: 'I take beta blockers', pinned: true, derivedFrom: ['turn-1'] }))
  put(record('m_drafted', { kind: 'safety', text: 'I am allergic to penicillin', pinned: true, status: 'drafted' }))
  put(
    record('m_baseline', {
      kind: 'baseline',
      origin: 'derived',
      algorithm: 'baselines@1.0.0',
      about: ['resting_heart_rate'],
      text: 'Usual resting heart rate over 28 days: 55 bpm (between 52 bpm and 58 bpm on most days, n 28).',
    }),
  )
  for (const [from, to, text] of chapters)
    put(
      record(`m_${from}`, {
        kind: 'episode',
        origin: 'derived',
        validFrom: Date.parse(from),
        text,
        body: { chapter: true, from, to, until: to ?? '2026-11-15' },
      }),
    )
  put(record('m_latex', { kind: 'safety', text: 'I am allergic to latex', pinned: true }))
  put(record('m_no_latex', { kind: 'safety', text: 'I am not allergic to latex', pinned: true }))
  const contradictions: Contradiction[] = [
    {
      id: 'contradiction-1',
      kind: 'negation',
      between: ['m_latex', 'm_no_latex'],
      resolution: 'open',
      acts: 'm_latex',
      holds: null,
      recordedAt: Date.parse('2026-10-02T08:00:00Z'),
      resolvedAt: null,
    },
  ]
  const require = (id: string): MemoryRecord => {
    const found = records.get(id)
    if (!found) throw new AurenError('AUREN_NOT_FOUND', `There is no memory ${id}.`)
    return found
  }
  const memory: Partial<Memory> = {
    list: async ({ kinds } = {}) =>
      [...records.values()].filter(({ kind }) => (kinds ? kinds.includes(kind) : kind !== 'episode')),
    note: async (text) => {
      const note = put(record(`m_${records.size}`, { text, recordedAt: Date.now() }))
      const drafts = /allergic/.test(text)
        ? [put(record(`m_${records.size}`, { kind: 'safety', text, pinned: true, status: 'drafted' }))]
        : []
      return { note, drafts }
    },
    contradictions: async () => [...contradictions],
    resolve: async (id, keep) => {
      const at = contradictions.findIndex((one) => one.id === id)
      const [found] = contradictions.splice(at, 1)
      if (!found?.between.includes(keep)) throw new AurenError('AUREN_NOT_FOUND', 'There is no such thing.')
      return { ...found, resolution: 'person', holds: keep }
    },
    remember: async ({ kind, text }) =>
      put(record(`m_${records.size}`, { kind, text, recordedAt: Date.now(), pinned: kind === 'safety' })),
    confirm: async (id) => put({ ...require(id), status: 'active' }),
    correct: async (id, { text }) => put({ ...require(id), text }),
    trace: async (id) => ({ record: require(id), from: [], refs: require(id).derivedFrom }),
    forget: async (id) => (records.delete(require(id).id) ? 1 : 0),
    profile: async () => profile,
    async setProfile(next) {
      profile = next
    },
    async *export() {
      yield { type: 'profile' as const, profile }
    },
    async erase() {
      erased = true
      const removed = records.size
      records.clear()
      return { memories: removed }
    },
  }
  return { memory: memory as Memory, profile: () => profile, erased: () => erased }
}
