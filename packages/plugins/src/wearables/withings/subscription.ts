import { AurenError, type SubscriptionContext } from '@auren/core'
import { z } from 'zod'
import { post } from './api.js'
import { applis } from './payload.js'
import { callbackKey } from './verify.js'

const DAY = 86_400
const Profiles = z.object({
  profiles: z
    .array(z.object({ appli: z.int(), callbackurl: z.string(), expires: z.number().nullish() }).loose())
    .max(10_000),
})

/**
 * Asks for what of the notifications of this person is not (any longer) there: after failures Withings removes them
 * without a word. Addresses of ours with another key are taken back.
 */
export async function maintain(
  base: string,
  ctx: SubscriptionContext,
  callbackSecret: string,
): Promise<Record<string, unknown>> {
  if (ctx.account === null) return {}
  const url = new URL(ctx.callbackUrl)
  url.searchParams.set('key', callbackKey(callbackSecret, ctx.account))
  const held = await ours(base, ctx)
  const kept = new Set(
    held.flatMap(({ appli, callbackurl, expires }) =>
      callbackurl === url.href && (expires == null || expires > ctx.now / 1000 + DAY) ? [appli] : [],
    ),
  )
  const lacking: number[] = []
  for (const appli of applis) {
    if (kept.has(appli)) continue
    const done = await post(
      ctx.fetch,
      `${base}/notify`,
      { action: 'subscribe', callbackurl: url.href, appli: String(appli), comment: 'AUREN' },
      ctx.signal,
    )
    // Without the scope there is nothing to be told of.
    if (done === null) lacking.push(appli)
  }
  for (const { appli, callbackurl } of held) {
    if (callbackurl !== url.href) await revoke(base, ctx, appli, callbackurl)
  }
  return { checkedAt: ctx.now, ...(lacking.length > 0 ? { lacking } : {}) }
}

/** Takes back every notification that comes to us for this person. */
export async function cancel(base: string, ctx: SubscriptionContext): Promise<void> {
  for (const { appli, callbackurl } of await ours(base, ctx)) await revoke(base, ctx, appli, callbackurl)
}

async function revoke(base: string, ctx: SubscriptionContext, appli: number, callbackurl: string): Promise<void> {
  await post(ctx.fetch, `${base}/notify`, { action: 'revoke', callbackurl, appli: String(appli) }, ctx.signal)
}

/** What Withings has on its list for our address, whatever the key. */
async function ours(
  base: string,
  ctx: SubscriptionContext,
): Promise<{ appli: number; callbackurl: string; expires?: number | null | undefined }[]> {
  const listed = Profiles.safeParse(await post(ctx.fetch, `${base}/notify`, { action: 'list' }, ctx.signal))
  if (!listed.success)
    throw new AurenError('AUREN_VENDOR_FAILED', 'Withings did not list its notifications.', { plugin: 'withings' })
  const { origin, pathname } = new URL(ctx.callbackUrl)
  return listed.data.profiles.filter(({ callbackurl }) => {
    const parsed = URL.canParse(callbackurl) ? new URL(callbackurl) : null
    return parsed?.origin === origin && parsed.pathname === pathname
  })
}
