/** What a Strava application is registered with. */
export interface StravaOptions {
  clientId: string
  clientSecret: string
  /** A secret of your own: given to Strava with the subscription and asked back, and the key in its address is made from it. */
  verifyToken: string
  /** Of the webhook subscription, where you know it: events of any other are refused. */
  subscriptionId?: string
  /**
   * `open` lets a language model be told of what Strava measured: only where its terms allow that in your case.
   * @default 'closed'
   */
  models?: 'open' | 'closed'
  /** Where the API answers and persons sign in. @default 'https://www.strava.com' */
  baseURL?: string
}
