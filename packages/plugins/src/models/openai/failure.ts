import { AurenError, isAurenError } from '@auren/core'

/**
 * What went wrong, as an AurenError. The endpoint's own words stay in `cause`: they may repeat a person's.
 */
export function failure(error: unknown, how: { aborted: boolean; timedOut: boolean }): AurenError {
  const options = { cause: error, plugin: 'openai' }
  if (how.aborted) return new AurenError('AUREN_ABORTED', 'The question was stopped', options)
  if (how.timedOut) return new AurenError('AUREN_TIMEOUT', 'The model did not answer in time', options)
  if (isAurenError(error)) return error
  const status = statusOf(error)
  if (status === 429) {
    const after = retryAfter(error)
    return new AurenError('AUREN_MODEL_FAILED', 'The model’s endpoint asks to slow down', {
      ...options,
      ...(after === undefined ? {} : { retryAfter: after }),
    })
  }
  if (status === 401 || status === 403) {
    return new AurenError('AUREN_MODEL_FAILED', 'The model’s endpoint refuses the key: check apiKey', {
      ...options,
      retryable: false,
    })
  }
  if (status === 404) {
    return new AurenError('AUREN_MODEL_FAILED', 'The endpoint does not know this model: check model and baseURL', {
      ...options,
      retryable: false,
    })
  }
  const which =
    status === undefined
      ? 'The model’s endpoint did not answer as documented'
      : `The model’s endpoint answered ${status}`
  return new AurenError('AUREN_MODEL_FAILED', which, options)
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | null)?.status
  return typeof status === 'number' ? status : undefined
}

function retryAfter(error: unknown): number | undefined {
  const headers = (error as { headers?: { get?(name: string): string | null } } | null)?.headers
  const seconds = Number(headers?.get?.('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds : undefined
}
