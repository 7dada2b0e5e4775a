import { service } from '../../../../test/services.js'
import { embeddedWorld, type Mode, serverWorld, type World } from './place.js'

/** Opens the places of a mode; null, loudly, where its servers are not up. */
export function openMode(mode: Mode): (() => World) | null {
  if (mode === 'embedded') return () => embeddedWorld()
  const postgres = service('postgres')
  if (mode === 'table') return postgres === null ? null : () => serverWorld({ postgres })
  const kafka = service('kafka')
  const redis = service('redis')
  if (postgres === null || kafka === null || redis === null) return null
  return () => serverWorld({ postgres, kafka, redis })
}
