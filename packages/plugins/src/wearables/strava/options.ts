/** What a Strava application is registered with. */
export interface StravaOptions {
  clientId: string
  clientSecret: string
  /** A secret of your own: given to Strava with the subscription and asked back, and the key in its address is made from it. */
  verifyToken: string
  /** Of the webhook subscription, where you know it: events of any other are refused. */
  subscriptionId?: string
  /** Where the API answers and persons sign in. @default 'https://www.strava.com' */
  baseURL?: string
}
