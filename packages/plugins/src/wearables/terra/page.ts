import { AurenError, type Fetch, type PageSpec } from '@auren/core'
import { z } from 'zod'
import { type Refused, refusalOf } from '../../vendor/refusal.js'

const Session = z.object({ url: z.url({ protocol: /^https?$/ }).max(4000) })
const User = z.object({ user_id: z.string().min(1).max(200), reference_id: z.string().nullish() })
const Users = z.object({ users: z.array(User).max(100) })

/**
 * Terra's widget, on which a person picks a vendor and signs in there. Who they are is said by the reference alone, which
 * Terra is asked for afterwards: what stands in the address that they come back by is believed of nobody.
 *
 * @param base of the API, `…/api/v2`
 */
export function pageOf(base: string, credentials: Readonly<Record<string, string>>): PageSpec {
  const json = { ...credentials, 'content-type': 'application/json' }
  return {
    async open(fetch, { reference, returnTo, failedTo }) {
      const body = JSON.stringify({
        reference_id: reference,
        auth_success_redirect_url: returnTo,
        auth_failure_redirect_url: failedTo,
      })
      const post = (url: string): ReturnType<Fetch> => fetch(url, { method: 'POST', headers: json, body })
      let answer = await post(new URL('../widget/session', `${base}/`).href)
      // Where Terra runs without the newer address, the older one is there.
      if (answer.status === 404 || answer.status === 405) answer = await post(`${base}/auth/generateWidgetSession`)
      const session = Session.safeParse(isGood(answer) ? await answer.json() : null)
      if (!session.success) throw refused(answer, 'a page to connect on')
      return session.data.url
    },

    async accounts(fetch, reference) {
      const query = new URLSearchParams({ reference_id: reference })
      const answer = await fetch(`${base}/userInfo?${query}`, { headers: credentials })
      if (answer.status === 404) return []
      const users = Users.safeParse(isGood(answer) ? await answer.json() : null)
      if (!users.success) throw refused(answer, 'who has connected')
      return users.data.users.flatMap(({ user_id, reference_id }) => (reference_id === reference ? user_id : []))
    },

    async disconnected(fetch, account) {
      const query = new URLSearchParams({ user_id: account })
      const answer = await fetch(`${base}/auth/deauthenticateUser?${query}`, { method: 'DELETE', headers: credentials })
      if (!isGood(answer) && answer.status !== 404) throw refused(answer, 'the end of a connection')
    },
  }
}

function isGood({ status }: Refused): boolean {
  return status === 200 || status === 201
}

function refused(answer: Refused, what: string): AurenError {
  if (answer.status === 401)
    return new AurenError('AUREN_CONFIG_INVALID', 'Terra does not accept devId and apiKey. Look at the dashboard.', {
      plugin: 'terra',
    })
  if (isGood(answer))
    return new AurenError('AUREN_VENDOR_FAILED', `Terra's answer for ${what} is not what it documents.`, {
      plugin: 'terra',
    })
  return refusalOf(answer, { plugin: 'terra', name: 'Terra', what })
}
