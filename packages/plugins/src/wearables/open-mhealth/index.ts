import { defineWearable, type WearablePlugin } from '@auren/core'
import { archive } from './archive.js'
import { createOpenMHealthExport } from './export.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'

export { createOpenMHealthExport, type DataPoint, type ExportReport, type OpenMHealthExport } from './export.js'

/** Open mHealth and IEEE 1752.1: data points in files, or posted with the person's own token; and out again. */
export function openMhealth(): WearablePlugin<'open-mhealth', Payload, never> {
  return defineWearable({
    kind: 'wearable',
    id: 'open-mhealth',
    title: 'Open mHealth',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    posted: true,
    file: archive,
    export: { begin: createOpenMHealthExport },
  })
}

/** A body without its header, as the examples of the schemas are; the file's name may say of which schema. */
function payloadsOf(document: unknown, name: string): Payload[] | null {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return null
  const [, namespace, schema, version] =
    /(?:^|-)(omh|ieee|granola)-([a-z][a-z0-9-]*?)-(\d+\.\d+)(?:-|\.)/.exec(name) ?? []
  const schema_id = namespace && schema && version ? { namespace, name: schema, version } : undefined
  return [{ header: schema_id ? { schema_id } : {}, body: document as Record<string, unknown> }]
}
