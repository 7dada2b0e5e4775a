/**
 * The app's own types against the server's: what the server says must fit what the app reads, and what the app sends
 * must fit what the server takes. Nothing runs here; `npm run typecheck` fails when the two drift apart.
 */
import type { ApiToken, Consent, SignIn } from '../../core/src/events/identity.js'
import type { ConnectionView } from '../../core/src/ingest/connections.js'
import type { Contradiction } from '../../core/src/memory/contradiction.js'
import type { Provenance } from '../../core/src/memory/memory.js'
import type { MemoryRecord, Profile, Turn } from '../../core/src/memory/ports.js'
import type { Auren, ImportView, SeriesView, TodayItem, TraceView } from '../../core/src/plugin/auren.js'
import type { Fact, QueryInput } from '../../core/src/query/schema.js'
import type { AnswerPart } from '../../core/src/reasoning/types.js'
import type { Vendor } from '../../server/src/biometric/vendors.js'
import type { AnswerEvent } from '../src/api/follow'
import type * as wire from '../src/api/wire'

/** Compiles only where every `A` can be read as a `B`. */
type Fits<A extends B, B> = A
type Sentence = Omit<Extract<AnswerPart, { type: 'sentence' }>, 'type'>

/** What the server says, as the app reads it. */
export type Read = [
  Fits<Fact, wire.Fact>,
  Fits<TodayItem, wire.TodayItem>,
  Fits<Awaited<ReturnType<Auren['today']>>, wire.TodayView>,
  Fits<Awaited<ReturnType<Auren['metrics']>>[number], wire.MetricInfo>,
  Fits<SeriesView, wire.SeriesView>,
  Fits<TraceView, wire.TraceView>,
  Fits<Turn, wire.Turn>,
  Fits<MemoryRecord, wire.MemoryRecord>,
  Fits<Provenance, wire.Provenance>,
  Fits<Contradiction & { sides: MemoryRecord[] }, wire.ContradictionView>,
  Fits<Profile, wire.Profile>,
  Fits<ImportView, wire.ImportView>,
  Fits<ConnectionView, wire.ConnectionView>,
  Fits<Vendor, wire.VendorView>,
  Fits<Omit<SignIn, 'user'> & { current: boolean }, wire.SignInView>,
  Fits<Omit<ApiToken, 'user'>, wire.ApiTokenView>,
  Fits<Consent, wire.ConsentView>,
  Fits<Awaited<ReturnType<Auren['threads']['list']>>[number], wire.ThreadInfo>,
  Fits<Sentence, Omit<Extract<AnswerEvent, { type: 'sentence' }>, 'type' | 'id'>>,
  Fits<Extract<AnswerPart, { type: 'memory' }>['record'], Extract<AnswerEvent, { type: 'memory' }>['record']>,
  Fits<Extract<AnswerPart, { type: 'finish' }>['state'], wire.RunState>,
]

/** What the app sends, as the server takes it. */
export type Sent = [
  Fits<wire.ConsentView, Consent>,
  Fits<wire.TokenScope, ApiToken['scopes'][number]>,
  Fits<wire.PatternQuery, Extract<QueryInput, { pattern: unknown }>>,
  Fits<Pick<wire.Profile, 'units' | 'sex'>, { units?: Profile['units'] | undefined; sex?: Profile['sex'] | undefined }>,
]
