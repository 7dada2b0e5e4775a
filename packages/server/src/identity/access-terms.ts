/** `iss`, `aud` and the only algorithm of this installation's own access tokens. */
export const ISSUER = 'auren'
export const AUDIENCE = 'auren-api'
export const ALGORITHM = 'EdDSA'
/** How long an access token lives, in seconds. */
export const ACCESS_SECONDS = 600
