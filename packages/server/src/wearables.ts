import { type AnyPlugin, AurenError, type WearablePlugin } from '@auren/core'
import { appleHealth } from '@auren/plugins/apple-health'
import { csv } from '@auren/plugins/csv'
import { dexcom } from '@auren/plugins/dexcom'
import { fit } from '@auren/plugins/fit'
import { fitbit } from '@auren/plugins/fitbit'
import { garmin } from '@auren/plugins/garmin'
import { googleHealth } from '@auren/plugins/google-health'
import { healthAutoExport } from '@auren/plugins/health-auto-export'
import { healthConnect } from '@auren/plugins/health-connect'
import { junction } from '@auren/plugins/junction'
import { libre } from '@auren/plugins/libre'
import { nightscout } from '@auren/plugins/nightscout'
import { openMhealth } from '@auren/plugins/open-mhealth'
import { oura } from '@auren/plugins/oura'
import { polar } from '@auren/plugins/polar'
import { sleepCycle } from '@auren/plugins/sleep-cycle'
import { strava } from '@auren/plugins/strava'
import { suunto } from '@auren/plugins/suunto'
import { terra } from '@auren/plugins/terra'
import { whoop } from '@auren/plugins/whoop'
import { withings } from '@auren/plugins/withings'
import { z } from 'zod'

/** Options of the wearables whose secrets are set, by id. */
export type WearableOptions = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A wearable, and the variables that its options are read from. */
interface Vendor {
  id: string
  make(options: never): WearablePlugin
  /** Option → variable; all of them or none. */
  needs?: Readonly<Record<string, string>>
  /** Option → variable; only with the others. */
  takes?: Readonly<Record<string, string>>
}

const vendors: readonly Vendor[] = [
  { id: 'apple-health', make: () => appleHealth() },
  {
    id: 'dexcom',
    make: dexcom,
    needs: { clientId: 'DEXCOM_CLIENT_ID', clientSecret: 'DEXCOM_CLIENT_SECRET' },
    takes: { baseURL: 'DEXCOM_BASE_URL' },
  },
  {
    id: 'fitbit',
    make: fitbit,
    needs: {
      clientId: 'FITBIT_CLIENT_ID',
      clientSecret: 'FITBIT_CLIENT_SECRET',
      verifyCode: 'FITBIT_VERIFY_CODE',
    },
    takes: { baseURL: 'FITBIT_BASE_URL' },
  },
  {
    id: 'garmin',
    make: garmin,
    needs: {
      clientId: 'GARMIN_CLIENT_ID',
      clientSecret: 'GARMIN_CLIENT_SECRET',
      webhookSecret: 'GARMIN_WEBHOOK_SECRET',
    },
    takes: { baseURL: 'GARMIN_BASE_URL' },
  },
  {
    id: 'google-health',
    make: googleHealth,
    needs: {
      clientId: 'GOOGLE_HEALTH_CLIENT_ID',
      clientSecret: 'GOOGLE_HEALTH_CLIENT_SECRET',
      webhookSecret: 'GOOGLE_HEALTH_WEBHOOK_SECRET',
    },
    takes: { baseURL: 'GOOGLE_HEALTH_BASE_URL' },
  },
  {
    id: 'health-auto-export',
    make: healthAutoExport,
    takes: { secret: 'HEALTH_AUTO_EXPORT_SECRET' },
  },
  { id: 'health-connect', make: () => healthConnect() },
  {
    id: 'junction',
    make: junction,
    needs: { webhookSecret: 'JUNCTION_WEBHOOK_SECRET' },
    takes: { apiKey: 'JUNCTION_API_KEY', baseURL: 'JUNCTION_BASE_URL', models: 'JUNCTION_MODELS' },
  },
  { id: 'libre', make: () => libre() },
  { id: 'nightscout', make: nightscout, takes: { privateSites: 'NIGHTSCOUT_PRIVATE_SITES' } },
  { id: 'open-mhealth', make: () => openMhealth() },
  {
    id: 'oura',
    make: oura,
    needs: {
      clientId: 'OURA_CLIENT_ID',
      clientSecret: 'OURA_CLIENT_SECRET',
      verificationToken: 'OURA_VERIFICATION_TOKEN',
    },
    takes: { baseURL: 'OURA_BASE_URL' },
  },
  {
    id: 'polar',
    make: polar,
    needs: {
      clientId: 'POLAR_CLIENT_ID',
      clientSecret: 'POLAR_CLIENT_SECRET',
      webhookSecret: 'POLAR_WEBHOOK_SECRET',
    },
    takes: { baseURL: 'POLAR_BASE_URL' },
  },
  { id: 'sleep-cycle', make: () => sleepCycle() },
  {
    id: 'strava',
    make: strava,
    needs: { clientId: 'STRAVA_CLIENT_ID', clientSecret: 'STRAVA_CLIENT_SECRET', verifyToken: 'STRAVA_VERIFY_TOKEN' },
    takes: { subscriptionId: 'STRAVA_SUBSCRIPTION_ID', models: 'STRAVA_MODELS', baseURL: 'STRAVA_BASE_URL' },
  },
  {
    id: 'suunto',
    make: suunto,
    needs: {
      clientId: 'SUUNTO_CLIENT_ID',
      clientSecret: 'SUUNTO_CLIENT_SECRET',
      subscriptionKey: 'SUUNTO_SUBSCRIPTION_KEY',
      notificationSecret: 'SUUNTO_NOTIFICATION_SECRET',
    },
    takes: { baseURL: 'SUUNTO_BASE_URL' },
  },
  {
    id: 'terra',
    make: terra,
    needs: { signingSecret: 'TERRA_SIGNING_SECRET' },
    takes: {
      devId: 'TERRA_DEV_ID',
      apiKey: 'TERRA_API_KEY',
      baseURL: 'TERRA_BASE_URL',
      payloadHosts: 'TERRA_PAYLOAD_HOSTS',
      models: 'TERRA_MODELS',
    },
  },
  {
    id: 'whoop',
    make: whoop,
    needs: { clientId: 'WHOOP_CLIENT_ID', clientSecret: 'WHOOP_CLIENT_SECRET' },
    takes: { baseURL: 'WHOOP_BASE_URL' },
  },
  {
    id: 'withings',
    make: withings,
    needs: {
      clientId: 'WITHINGS_CLIENT_ID',
      clientSecret: 'WITHINGS_CLIENT_SECRET',
      callbackSecret: 'WITHINGS_CALLBACK_SECRET',
    },
    takes: { baseURL: 'WITHINGS_BASE_URL' },
  },
  // The archives of others hold FIT files too: what is told by its form alone comes after what is told by its names.
  { id: 'fit', make: () => fit() },
  { id: 'csv', make: () => csv() },
]

/** Stands in for secrets where a vendor's documents are only read. */
const UNSET = 'NotSetAndNeverUsedNotSetAndNeverUsed'

const variablesOf = ({ needs = {}, takes = {} }: Vendor): string[] => [...Object.values(needs), ...Object.values(takes)]

/** The variables of all wearables. */
export const wearableVariables: Readonly<Record<string, z.ZodOptional<z.ZodString>>> = Object.fromEntries(
  vendors
    .flatMap(variablesOf)
    .map((name) => [
      name,
      (name.endsWith('_URL') ? z.string().regex(/^https?:\/\/[^\s/]/) : z.string().min(1)).optional(),
    ]),
)

/** Reads the secrets of wearables. @throws AurenError AUREN_CONFIG_INVALID where some of a vendor's are missing */
export function readWearables(environment: Readonly<Record<string, unknown>>): WearableOptions {
  const read: Record<string, Record<string, string>> = {}
  for (const vendor of vendors) {
    const { id, needs = {}, takes = {} } = vendor
    const options: Record<string, string> = {}
    for (const [option, name] of Object.entries({ ...needs, ...takes })) {
      const value = environment[name]
      if (typeof value === 'string') options[option] = value
    }
    if (Object.keys(options).length === 0) continue
    const missing = Object.entries(needs).flatMap(([option, name]) => (options[option] === undefined ? [name] : []))
    if (missing.length > 0)
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        `${id} needs all of ${Object.values(needs).join(', ')}: an unsigned webhook is never accepted. Missing: ${missing.join(', ')}.`,
        { plugin: id, issues: missing.map((path) => ({ path, message: 'is not set' })) },
      )
    read[id] = options
  }
  return read
}

/**
 * The wearables of an installation. One whose secrets are not set is there for what needs none: reading the exports that
 * a person downloads. It has no webhook then, and cannot be connected. What it measured before its secrets were taken
 * out goes on being kept from models, where its vendor's terms say so.
 */
export function wearablesOf({ wearables }: { wearables: WearableOptions }): AnyPlugin[] {
  return vendors.flatMap((vendor) => {
    const options = wearables[vendor.id]
    if (options || !vendor.needs) return [vendor.make((options ?? {}) as never)]
    const { kind, id, title, version, models, peers, payload, normalize, metrics, file } = unconnected(vendor)
    if (!file && !models) return []
    return [
      {
        kind,
        id,
        version,
        payload,
        normalize,
        ...(title ? { title } : {}),
        ...(file ? { file } : {}),
        ...(models ? { models } : {}),
        ...(peers ? { peers } : {}),
        ...(metrics ? { metrics } : {}),
      },
    ]
  })
}

/** Every wearable there is, to read payloads with: nothing comes in through them. */
export function readers(): WearablePlugin[] {
  return vendors.map(unconnected)
}

function unconnected({ make, needs = {} }: Vendor): WearablePlugin {
  return make(Object.fromEntries(Object.keys(needs).map((option) => [option, UNSET])) as never)
}
