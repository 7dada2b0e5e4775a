import { Notification, Page, type Payload } from './payload.js'
import { typeOfPoint } from './points.js'
import { kebab } from './types.js'

/** Points of a payload at most. */
const pieceSize = 10_000

/**
 * Payloads in a document of the API: a page of points, listed or reconciled, one point, sums of days, or a notification.
 * Null where it is none.
 */
export function payloadsOf(document: unknown, _name: string): Payload[] | null {
  const notices = (Array.isArray(document) ? document : [document]).flatMap((one) => {
    const parsed = Notification.safeParse(one)
    return parsed.success ? [{ dataType: kebab(parsed.data.data.dataType), points: [], notice: true }] : []
  })
  if (notices.length > 0) return notices
  if (isHandshake(document)) return [{ dataType: 'verification', points: [], notice: true }]
  if (Array.isArray(document)) return ofPoints(document)
  const page = Page.safeParse(document)
  if (!page.success) return null
  const { dataPoints, reconciledDataPoints, rollupDataPoints } = page.data
  if (rollupDataPoints) return ofRollups(rollupDataPoints)
  const points = dataPoints ?? reconciledDataPoints
  return points ? ofPoints(points) : typeOfPoint(document) === null ? null : ofPoints([document])
}

function ofPoints(points: readonly unknown[]): Payload[] | null {
  const types = new Map<string, unknown[]>()
  for (const point of points) {
    const type = typeOfPoint(point) ?? unread(point)
    const held = types.get(type)
    if (held) held.push(point)
    else types.set(type, [point])
  }
  if (points.length > 0 && [...types.keys()].every((type) => type === 'unknown')) return null
  return [...types].flatMap(([dataType, all]) =>
    Array.from({ length: Math.ceil(all.length / pieceSize) }, (_, at) => ({
      dataType,
      points: all.slice(at * pieceSize, (at + 1) * pieceSize),
    })),
  )
}

/** What a point of a type that is not read calls itself. */
function unread(point: unknown): string {
  if (typeof point !== 'object' || point === null) return 'unknown'
  const field = Object.keys(point).find((key) => !['name', 'dataPointName', 'dataSource'].includes(key))
  return 'dataSource' in point || 'dataPointName' in point || 'name' in point
    ? kebab(field ?? 'unknown').slice(0, 100)
    : 'unknown'
}

function ofRollups(rollups: readonly unknown[]): Payload[] {
  const types = new Map<string, unknown[]>()
  for (const item of rollups) {
    const keys = typeof item === 'object' && item !== null ? Object.keys(item) : []
    const field = keys.find((key) => !['civilStartTime', 'civilEndTime', 'startTime', 'endTime'].includes(key))
    const type = kebab(field ?? 'unknown').slice(0, 100)
    const held = types.get(type)
    if (held) held.push(item)
    else types.set(type, [item])
  }
  return [...types].map(([dataType, all]) => ({ dataType, points: [], rollups: all }))
}

function isHandshake(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'type' in document && document.type === 'verification'
}
