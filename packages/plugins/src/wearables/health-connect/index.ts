import { defineWearable, type WearablePlugin } from '@auren/core'
import { exportReader, jsonPart } from '../../files/index.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'

/**
 * Health Connect, the store of health data on Android phones. It has no cloud: an app on the phone posts what it reads,
 * with the person's own token, or writes it into a file.
 */
export function healthConnect(): WearablePlugin<'health-connect', Payload, never> {
  return defineWearable({
    kind: 'wearable',
    id: 'health-connect',
    title: 'Health Connect',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    posted: true,
    file: exportReader({
      plugin: 'health-connect',
      parts: [
        jsonPart({
          path: /\.json$/i,
          looks: (head) =>
            /"(?:recordType|type)"\s*:\s*"(?:[\w.]+\.)?(?:Steps|HeartRate|SleepSession|ExerciseSession|Weight|Distance)(?:Record)?"/.test(
              head,
            ) ||
            (/"app_version"\s*:/.test(head) && /"(?:steps|sleep|heart_rate|weight|exercise)"\s*:\s*\[/.test(head)),
          *read(value, ctx) {
            const payload = Payload.safeParse(value)
            const payloads = payload.success ? [payload.data] : payloadsOf(value)
            if (payloads) for (const one of payloads) yield* normalize(one, ctx)
            else ctx.reject(null, 'schema', 'The JSON is no batch of Health Connect.')
          },
        }),
      ],
    }),
  })
}

/** A list of records, or one record, by itself. */
function payloadsOf(document: unknown): Payload[] | null {
  if (Array.isArray(document)) return [{ records: document as unknown[] }]
  const held = document as { recordType?: unknown; type?: unknown } | null
  const named =
    typeof held === 'object' && held !== null && [held.recordType, held.type].some((one) => typeof one === 'string')
  return named ? [{ records: [document] }] : null
}
