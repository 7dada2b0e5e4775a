import {
  accept,
  type FileContext,
  type FileSource,
  type Instant,
  Observation,
  type ObservationInput,
  type WearablePlugin,
} from '@auren/core'
import { expect } from 'vitest'

// biome-ignore lint/suspicious/noExplicitAny: payloads are contravariant, so no other type holds them all
type AnyWearable = WearablePlugin<any, any, any>

/** Holds what a plugin yields to the schema. */
function assertValid(observations: readonly ObservationInput[]): void {
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
}

/** What payloads of a plugin become, and the reasons for which parts of them are set aside; times without an offset in `zone`. */
export function normalizerOf(plugin: AnyWearable, receivedAt: Instant = 0) {
  return (payload: unknown, zone: string | null = null) => {
    const rejected: string[] = []
    const observations: ObservationInput[] = [
      ...plugin.normalize(plugin.payload.parse(payload), {
        receivedAt,
        account: '77',
        zoneAt: () => zone,
        reject: (_item, reason) => rejected.push(reason),
      }),
    ]
    assertValid(observations)
    return { observations, rejected }
  }
}

/** What payloads and documents of a plugin become, and what of that is accepted. */
export function acceptorOf(plugin: AnyWearable, receivedAt: Instant) {
  return (document: unknown, name = '') => {
    const rejected: string[] = []
    const payload = plugin.payload.safeParse(document)
    const payloads = payload.success ? [payload.data] : (plugin.documents?.(document, name) ?? [])
    const observations: ObservationInput[] = payloads.flatMap((one) => [
      ...plugin.normalize(one, {
        receivedAt,
        account: 'a',
        zoneAt: () => null,
        reject: (_item, reason) => rejected.push(reason),
      }),
    ])
    assertValid(observations)
    const { accepted, aside } = accept(observations, {
      provider: plugin.id,
      account: 'a',
      receivedAt,
      registry: plugin.metrics ?? {},
    })
    return { observations, accepted, rejected: [...rejected, ...aside.map(({ reason }) => reason)] }
  }
}

/** Reads exports of a plugin to their end, and asks whether it knows them. */
export function archiveOf({ file }: AnyWearable) {
  return {
    knows: async (source: FileSource) => file!.recognises(source.name, await source.read(0, 65_536), source),
    async read(source: FileSource, zone: string | null = null) {
      const ctx: FileContext = {
        account: 'robin',
        cursor: null,
        signal: new AbortController().signal,
        receivedAt: 0,
        zoneAt: () => zone,
      }
      const observations: ObservationInput[] = []
      const rejected: string[] = []
      for await (const step of file!.read(source, ctx)) {
        observations.push(...step.observations)
        rejected.push(...step.rejected.map(({ reason }) => reason))
      }
      assertValid(observations)
      return { observations, rejected }
    },
  }
}
