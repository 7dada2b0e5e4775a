import { type Auren, AurenError, Fact, type MemoryKind, Query, rungs, toldKinds } from '@auren/core'
import { z } from 'zod'
import { answered, type Route, route } from '../http/route.js'
import { stream } from '../http/sse.js'
import { profileBody } from '../identity/profile.js'
import { exportOf } from './export.js'
import { UI_STREAM_HEADERS, uiStream } from './ui-stream.js'

/** Id of something that AUREN keeps. */
export const Id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.:-]+$/)
const LocalDate = z.iso.date()
const kinds = [
  'baseline',
  'pattern',
  'episode',
  'hypothesis',
  'goal',
  'experiment',
  'preference',
  'safety',
  'tag',
  'note',
] as const satisfies readonly MemoryKind[]

const ForgetBody = z.object({
  metrics: z.array(z.string().min(1).max(120)).min(1).max(100).optional(),
  from: LocalDate.optional(),
  to: LocalDate.optional(),
  source: z.string().min(1).max(300).optional().describe('Name or key of a device, or a provider'),
  text: z.string().trim().min(3).max(300).optional().describe('Words that stand in it'),
  kinds: z.array(z.enum(kinds)).min(1).optional().describe('Memories of these kinds, and no measurement'),
  dryRun: z.boolean().default(true).describe('Tells what would go, and changes nothing'),
})

const Ask = z.object({
  text: z.string().trim().min(1).max(4000),
  /** The same id again returns the same run: a retry asks nothing twice. */
  clientId: z.string().min(1).max(128).optional(),
  locale: z.string().max(35).optional(),
  /** The local date to answer as of; today where absent. */
  today: LocalDate.optional(),
})

/** Questions, facts and series: what is read from memory. */
export function readRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/query',
      scope: 'read',
      tag: 'facts',
      summary: 'Run a typed query, or an English question, and get facts',
      body: z.union([
        z.object({ query: Query, today: LocalDate.optional() }),
        z.object({ question: z.string().trim().min(1).max(2000), today: LocalDate.optional() }),
      ]),
      response: z.object({ facts: z.array(Fact), readings: z.array(z.string()), complete: z.boolean() }),
      async handle({ body, user }) {
        const options = body.today === undefined ? {} : { today: body.today }
        if ('query' in body)
          return { facts: [await auren.query(user, body.query, options)], readings: [], complete: true }
        const understood = await auren.understand(user, body.question, options)
        if (understood.queries.length === 0) {
          throw new AurenError(
            'AUREN_QUESTION_NOT_UNDERSTOOD',
            understood.clarify ??
              'The question was not understood. Name a measure and a time, such as "average resting heart rate last month".',
          )
        }
        const facts = await Promise.all(understood.queries.map((query) => auren.query(user, query, options)))
        return { facts, readings: understood.readings, complete: understood.complete }
      },
    }),
    route({
      method: 'get',
      path: '/v1/series/{metric}',
      tag: 'facts',
      summary: 'Min, max and mean of a metric in at most 2,000 buckets over any span',
      params: z.object({ metric: z.string().min(1).max(80) }),
      query: z.object({
        from: LocalDate,
        to: LocalDate,
        buckets: z.coerce.number().int().min(1).max(2000).default(400),
        source: z.string().max(300).optional(),
      }),
      response: z.object({
        metric: z.string(),
        unit: z.string(),
        buckets: z.array(
          z.object({
            from: z.string(),
            to: z.string(),
            min: z.number(),
            max: z.number(),
            mean: z.number(),
            value: z.number(),
            n: z.int(),
            coverage: z.number(),
            sources: z.array(z.string()),
          }),
        ),
      }),
      handle: ({ params, query, user }) => auren.series(user, { metric: params.metric, ...query }),
    }),
    route({
      method: 'get',
      path: '/v1/trace',
      tag: 'facts',
      summary: 'From a day of a metric down to the measurements and the deliveries they came in',
      query: z.object({
        metric: z.string().min(1).max(80),
        date: LocalDate,
        limit: z.coerce.number().int().min(1).max(5000).default(500),
      }),
      handle: ({ query, user }) => auren.explain(user, query),
    }),
    route({
      method: 'get',
      path: '/v1/today',
      tag: 'facts',
      summary: 'The last values against the person’s own baseline',
      query: z.object({ today: LocalDate.optional() }),
      handle: ({ query, user }) => auren.today(user, query.today === undefined ? {} : { today: query.today }),
    }),
    route({
      method: 'get',
      path: '/v1/metrics',
      tag: 'facts',
      summary: 'Which metrics there are, since when, from which sources',
      handle: ({ user }) => auren.metrics(user),
    }),
    route({
      method: 'get',
      path: '/v1/sessions',
      tag: 'facts',
      summary: 'Sleep and workouts of a span',
      query: z.object({ kind: z.enum(['sleep', 'workout']).optional(), from: LocalDate, to: LocalDate }),
      handle: ({ query, user }) =>
        auren.longTerm.sessions(
          { user, purpose: 'display' },
          { from: query.from, to: query.to, ...(query.kind ? { kind: query.kind } : {}) },
        ),
    }),
  ]
}

/** Conversations. */
export function threadRoutes(auren: Auren): Route[] {
  const follow = async (
    user: string,
    run: string,
    after: number,
    resumed: boolean,
    call: { response: import('express').Response },
  ): Promise<symbol> => {
    await stream(call.response, uiStream(run, auren.neuros.follow(user, run, after), resumed), {
      ...UI_STREAM_HEADERS,
      'x-auren-run': run,
    })
    return answered
  }
  return [
    route({
      method: 'get',
      path: '/v1/threads',
      tag: 'threads',
      summary: 'Conversations, newest first',
      response: z.array(z.object({ id: z.string(), title: z.string(), updatedAt: z.int() })),
      handle: ({ user }) => auren.threads.list({ user, purpose: 'display' }),
    }),
    route({
      method: 'get',
      path: '/v1/threads/{id}/messages',
      tag: 'threads',
      summary: 'The turns of a conversation',
      params: z.object({ id: Id }),
      handle: ({ params, user }) => auren.threads.turns({ user, purpose: 'display' }, params.id),
    }),
    route({
      method: 'post',
      path: '/v1/threads/{id}/messages',
      rate: 'ask',
      tag: 'threads',
      summary: 'Ask: the answer streams as Server-Sent Events (AI SDK UI message stream)',
      params: z.object({ id: Id }),
      body: Ask,
      produces: 'text/event-stream',
      async handle({ params, body, user, response }) {
        const { run } = await auren.neuros.start({ user, thread: params.id, ...body })
        return follow(user, run, 0, false, { response })
      },
    }),
    route({
      method: 'get',
      path: '/v1/threads/{id}/runs/{run}/stream',
      tag: 'threads',
      summary: 'Follow or resume an answer; Last-Event-ID says what is there already',
      params: z.object({ id: Id, run: Id }),
      produces: 'text/event-stream',
      async handle({ params, user, request, response }) {
        const last = request.headers['last-event-id']
        const after = typeof last === 'string' && /^\d{1,9}$/.test(last) ? Number(last) : 0
        await auren.neuros.find(user, params.id, params.run)
        return follow(user, params.run, after, after > 0, { response })
      },
    }),
    route({
      method: 'delete',
      path: '/v1/threads/{id}/runs/{run}',
      tag: 'threads',
      summary: 'Stop an answer',
      params: z.object({ id: Id, run: Id }),
      status: 204,
      async handle({ params, user }) {
        await auren.neuros.find(user, params.id, params.run)
        await auren.neuros.cancel(user, params.run)
        return undefined
      },
    }),
    route({
      method: 'delete',
      path: '/v1/threads/{id}',
      tag: 'threads',
      summary: 'Delete a conversation',
      params: z.object({ id: Id }),
      status: 204,
      async handle({ params, user }) {
        if (!(await auren.removeThread(user, params.id)))
          throw new AurenError('AUREN_NOT_FOUND', `There is no thread ${params.id}.`)
        return undefined
      },
    }),
  ]
}

/** What is remembered: list, trace, correct, forget; profile, export and erasure. */
export function memoryRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/memories',
      tag: 'memory',
      summary: 'What is remembered',
      query: z.object({
        kind: z.enum(kinds).optional(),
        about: z.string().max(80).optional(),
        /** Only those of this status; what was drafted waits to be confirmed (PATCH) or undone (DELETE). */
        status: z.enum(['drafted', 'active', 'weakening', 'retired']).optional(),
        /** Instant as of which it was known, and as of which confidence is told. */
        as_of: z.coerce.number().int().optional(),
      }),
      handle: ({ query, user }) =>
        auren.memory.for(user).list({
          ...(query.kind ? { kinds: [query.kind] } : {}),
          ...(query.about ? { about: query.about } : {}),
          ...(query.as_of === undefined ? {} : { asOf: query.as_of }),
          ...(query.status
            ? { status: [query.status] }
            : query.as_of === undefined
              ? { status: ['drafted', 'active', 'weakening'] as const }
              : {}),
        }),
    }),
    route({
      method: 'post',
      path: '/v1/memories',
      tag: 'memory',
      summary: 'Remember something that the person says',
      status: 201,
      body: z.object({
        kind: z.enum(toldKinds),
        text: z.string().trim().min(1).max(4000),
        about: z.array(z.string().max(80)).max(20).optional(),
      }),
      handle: ({ body, user }) =>
        auren.memory
          .for(user)
          .remember({ kind: body.kind, text: body.text, ...(body.about ? { about: body.about } : {}) }),
    }),
    route({
      method: 'get',
      path: '/v1/recall',
      scope: 'read',
      tag: 'memory',
      summary: 'What would be recalled for a question, and why',
      query: z.object({
        text: z.string().trim().min(1).max(4000).optional(),
        /** Metrics and tags, with commas. */
        about: z.string().max(2000).optional(),
        from: LocalDate.optional(),
        to: LocalDate.optional(),
        as_of: z.coerce.number().int().optional(),
        /** Most tokens of all texts together. */
        tokens: z.coerce.number().int().min(1).max(1_000_000).optional(),
        /** Most turns of conversations. */
        turns: z.coerce.number().int().min(0).max(100).default(6),
      }),
      handle({ query: { text, about, from, to, as_of, tokens, turns }, user }) {
        if ((from === undefined) !== (to === undefined) || (from !== undefined && to !== undefined && from > to))
          throw new AurenError('AUREN_INPUT_INVALID', 'Name both `from` and `to`, the earlier one first.')
        return auren.memory.for(user).recall({
          turns,
          ...(text === undefined ? {} : { text }),
          ...(about === undefined ? {} : { about: about.split(',').filter((id) => id !== '') }),
          ...(from === undefined || to === undefined ? {} : { time: { from, to } }),
          ...(as_of === undefined ? {} : { asOf: as_of }),
          ...(tokens === undefined ? {} : { budget: { tokens } }),
        })
      },
    }),
    route({
      method: 'get',
      path: '/v1/chapters',
      tag: 'memory',
      summary:
        'The chapters of a life, as they were last concluded: when levels changed, by how much, and what coincided',
      query: z.object({
        /** Only those that are about this metric. */
        about: z.string().max(80).optional(),
        as_of: z.coerce.number().int().optional(),
      }),
      async handle({ query: { about, as_of }, user }) {
        const records = await auren.memory.for(user).list({
          kinds: ['episode'],
          status: ['active', 'weakening'],
          ...(about === undefined ? {} : { about }),
          ...(as_of === undefined ? {} : { asOf: as_of }),
        })
        return records
          .filter(({ body }) => body.chapter === true)
          .toSorted((a, b) => a.validFrom - b.validFrom)
          .map(({ id, text, body, confidence, algorithm, recordedAt, derivedFrom }) => ({
            id,
            text,
            ...body,
            confidence,
            algorithm,
            recordedAt,
            derivedFrom,
          }))
      },
    }),
    route({
      method: 'get',
      path: '/v1/ladder',
      tag: 'memory',
      summary: 'Whole weeks, months, quarters or years of a metric: median, state, gradient and rate',
      query: z.object({
        rung: z.enum(rungs).default('month'),
        metric: z.string().max(80),
        from: LocalDate.optional(),
        to: LocalDate.optional(),
        as_of: z.coerce.number().int().optional(),
      }),
      handle: ({ query: { rung, metric, from, to, as_of }, user }) =>
        auren.memory.for(user).ladder({
          rungs: [rung],
          series: [metric],
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          ...(as_of === undefined ? {} : { asOf: as_of }),
        }),
    }),
    route({
      method: 'post',
      path: '/v1/consolidations',
      tag: 'memory',
      summary: 'Consolidate now: what is otherwise done every night',
      handle: ({ user }) => auren.memory.for(user).consolidate(),
    }),
    route({
      method: 'get',
      path: '/v1/memories/{id}/trace',
      tag: 'memory',
      summary: 'Where a memory came from',
      params: z.object({ id: Id }),
      handle: ({ params, user }) => auren.memory.for(user).trace(params.id),
    }),
    route({
      method: 'get',
      path: '/v1/memories/{id}/observations',
      tag: 'memory',
      summary: 'The measurements that a memory stands on, with device, record and delivery, some at a time',
      params: z.object({ id: Id }),
      query: z.object({
        after: z.string().max(40).optional().describe('What the page before called next'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      handle: ({ params, query, user }) => auren.memory.for(user).traceRows(params.id, query),
    }),
    route({
      method: 'patch',
      path: '/v1/memories/{id}',
      tag: 'memory',
      summary: 'Confirm a drafted memory, or correct its words',
      params: z.object({ id: Id }),
      body: z.union([z.object({ confirm: z.literal(true) }), z.object({ text: z.string().trim().min(1).max(4000) })]),
      handle: ({ params, body, user }) =>
        'confirm' in body
          ? auren.memory.for(user).confirm(params.id)
          : auren.memory.for(user).correct(params.id, { text: body.text }),
    }),
    route({
      method: 'delete',
      path: '/v1/memories/{id}',
      tag: 'memory',
      summary: 'Forget a memory and what was derived from it alone',
      params: z.object({ id: Id }),
      response: z.object({ removed: z.int() }),
      handle: async ({ params, user }) => ({ removed: await auren.memory.for(user).forget(params.id) }),
    }),
    route({
      method: 'post',
      path: '/v1/forget',
      audit: 'data.forget',
      tag: 'memory',
      summary: 'Forget what a selector names, measurements too, with what was made of it; or tell what that would be',
      body: ForgetBody,
      handle: ({ body: { dryRun, ...selector }, user }) => auren.memory.for(user).forgetAll(selector, { dryRun }),
    }),
    route({
      method: 'get',
      path: '/v1/profile',
      tag: 'memory',
      summary: 'What the person said about themselves',
      handle: ({ user }) => auren.memory.for(user).profile(),
    }),
    route({
      method: 'put',
      path: '/v1/profile',
      tag: 'memory',
      summary: 'Set the profile',
      status: 204,
      body: profileBody(() => new Date().toISOString().slice(0, 10)),
      async handle({ body, user }) {
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
        await auren.memory.for(user).setProfile(given)
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/v1/export',
      audit: 'data.export',
      rate: 'export',
      tag: 'memory',
      summary:
        'Everything, as newline-delimited JSON; with a format, the measurements as FHIR R4 (fhir), a table (csv), or as a plugin writes them',
      query: z.object({ format: z.string().max(80).optional() }),
      produces: 'application/x-ndjson',
      async handle({ query, user, response }) {
        const { type, file, chunks } = exportOf(auren, user, query.format)
        response.status(200).type(type).setHeader('content-disposition', `attachment; filename="${file}"`)
        for await (const chunk of chunks) {
          if (response.destroyed) return answered
          if (!response.write(chunk))
            await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
        }
        response.end()
        return answered
      },
    }),
    route({
      method: 'delete',
      path: '/v1/me',
      scope: 'account',
      audit: 'account.erase',
      tag: 'memory',
      summary: 'Erase the person everywhere and destroy their key',
      query: z.object({ confirm: z.literal('erase everything') }),
      response: z.object({ removed: z.record(z.string(), z.int()) }),
      handle: async ({ user }) => ({ removed: await auren.memory.for(user).erase() }),
    }),
  ]
}
