import { AurenError, type SubscriptionContext } from '@auren/core'
import { z } from 'zod'

const Webhooks = z.object({
  data: z.array(
    z.object({ id: z.string().max(200), url: z.string().max(2000), active: z.boolean().nullish() }).loose(),
  ),
})

/**
 * Wakes the application's webhook where Polar has put it to sleep, which it does after a week of failures. Making one is the
 * operator's: the secret that signs it is in the answer to that, once.
 * @throws AurenError AUREN_CONFIG_INVALID where there is none, or it is another address's
 */
export async function maintain(
  base: string,
  ctx: SubscriptionContext,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<Record<string, unknown>> {
  const headers = {
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    accept: 'application/json',
  }
  const answer = await ctx.fetch(`${base}/v3/webhooks`, { headers, signal: ctx.signal })
  const held =
    answer.status === 200 ? Webhooks.safeParse(await answer.json()).data?.data : answer.status === 404 ? [] : null
  if (!held)
    throw new AurenError('AUREN_VENDOR_FAILED', `Polar answered for the webhook with status ${answer.status}.`, {
      plugin: 'polar',
      retryable: answer.status >= 500 || answer.status === 429,
    })
  const [webhook] = held
  if (!webhook || webhook.url !== ctx.callbackUrl)
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      `polar: ${webhook ? 'the webhook of your client has another address' : 'your client has no webhook'}. Make it with POST /v3/webhooks for ${ctx.callbackUrl} and set POLAR_WEBHOOK_SECRET to the signature_secret_key of the answer.`,
      { plugin: 'polar' },
    )
  if (webhook.active === false) {
    const woken = await ctx.fetch(`${base}/v3/webhooks/activate`, { method: 'POST', headers, signal: ctx.signal })
    if (woken.status >= 300)
      throw new AurenError('AUREN_VENDOR_FAILED', `Polar did not wake the webhook: status ${woken.status}.`, {
        plugin: 'polar',
        retryable: true,
      })
  }
  return { id: webhook.id }
}
