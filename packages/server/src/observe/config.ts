import { z } from 'zod'

/** Variables of metrics. */
export const observeVariables = {
  AUREN_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  AUREN_METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/-]{24,300}=*$/, 'must be 24 or more letters, digits or . _ ~ + / -: openssl rand -hex 32')
    .optional(),
}

/** Who may read the metrics, and where (platform check C24). */
export interface MetricsAccess {
  /** A port that has nothing else; null: the services' own. */
  port: number | null
  /** Wanted as a bearer token; null: none is. */
  token: string | null
  /** On a service's own port, without a token: whether requests of this machine may read them. */
  local: boolean
}

/**
 * Reads who may see the metrics. In production nobody may on the public ports, unless there is a token.
 */
export function readMetricsAccess(
  e: z.infer<z.ZodObject<typeof observeVariables>>,
  { production }: { production: boolean },
): MetricsAccess {
  return {
    port: e.AUREN_METRICS_PORT ?? null,
    token: e.AUREN_METRICS_TOKEN ?? null,
    local: !production,
  }
}
