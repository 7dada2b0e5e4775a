import type { ApiTokenView, TokenScope } from '../../api/wire'
import { formatMoment } from '../../parts/dates'

/** What a scope lets a program do. */
export const scopeNames: Readonly<Record<TokenScope, string>> = {
  read: 'reads your data',
  write: 'changes your data',
  operate: 'runs the installation',
}

/** Whether a token still works, and until when. `now` in ms. */
export function tokenStands(
  { revokedAt, expiresAt }: Pick<ApiTokenView, 'revokedAt' | 'expiresAt'>,
  now: number,
  locale: string,
): string {
  if (revokedAt !== null) return `revoked ${formatMoment(revokedAt, locale)}`
  return `${expiresAt > now ? 'until' : 'expired'} ${formatMoment(expiresAt, locale)}`
}
