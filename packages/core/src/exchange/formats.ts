import { csvHeader, csvOf } from './csv.js'
import { type Exported, fhirOf, patientOf, type Resource } from './fhir.js'
import type { ExportLine } from './lines.js'

/** A person's measurements in a format that others read. */
export interface ExportFormat {
  /** Media type, and the file's name. */
  type: string
  file: string
  /** Piece by piece: a person's whole life need not fit into memory. */
  write(lines: AsyncIterable<ExportLine>): AsyncIterable<string>
}

/**
 * Formats of an export beside its own: `fhir`, a FHIR R4 Bundle of a Patient and Observations; `csv`, a table. What has
 * no place in a format (memories, conversations, consents) is counted in a note at its end where the format has one.
 */
export const exportFormats: Readonly<Record<string, ExportFormat>> = Object.assign(
  Object.create(null) as Record<string, ExportFormat>,
  {
    fhir: { type: 'application/fhir+json', file: 'auren-export.fhir.json', write: bundle },
    csv: { type: 'text/csv; charset=utf-8', file: 'auren-export.csv', write: table },
  } satisfies Record<string, ExportFormat>,
)

async function* table(lines: AsyncIterable<ExportLine>): AsyncGenerator<string> {
  yield csvHeader
  for await (const line of lines) {
    if (line.type === 'observation') for (const row of csvOf(line.item as Exported)) yield row
  }
}

async function* bundle(lines: AsyncIterable<ExportLine>): AsyncGenerator<string> {
  const left = new Map<string, number>()
  let patient: Resource | undefined
  let user = ''
  let written = 0
  const entry = (resource: Resource): string => {
    const before = written++ === 0 ? '\n' : ',\n'
    return `${before}${JSON.stringify({ fullUrl: `urn:uuid:${String(resource.id)}`, resource })}`
  }
  for await (const line of lines) {
    if (line.type === 'auren') {
      user = line.user
      yield `{"resourceType":"Bundle","type":"collection","timestamp":${JSON.stringify(new Date(line.at).toISOString())},"entry":[`
      continue
    }
    if (line.type === 'end') continue
    if (line.type === 'profile') {
      const { birthDate, sex } = line.profile
      patient = patientOf(user, { ...(birthDate ? { birthDate } : {}), ...(sex ? { sex } : {}) })
      yield entry(patient)
      continue
    }
    patient ??= patientOf(user, {})
    const resource = line.type === 'observation' ? fhirOf(line.item as Exported, String(patient.id)) : null
    if (resource) yield entry(resource)
    else left.set(line.type, (left.get(line.type) ?? 0) + (line.type === 'withheld' ? line.item.count : 1))
  }
  if (left.size > 0) {
    const said = [...left].map(([what, count]) => `${count} × ${what}`).join(', ')
    const id = '00000000-0000-8000-8000-000000000000'
    const issue = [{ severity: 'information', code: 'informational', diagnostics: `Not in this bundle: ${said}.` }]
    yield entry({ resourceType: 'OperationOutcome', id, issue })
  }
  yield '\n]}\n'
}
