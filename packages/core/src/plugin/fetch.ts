/** HTTP as plugins may use it: bounded in time and size, only to the hosts that the plugin names, no redirects. */
export type Fetch = (
  url: string,
  init?: {
    method?: string
    headers?: Record<string, string>
    body?: string
    signal?: AbortSignal
    /**
     * `omit`: without the connection's token, for addresses that carry their own right (presigned ones refuse a second
     * one, and the token is nothing of theirs). @default 'include'
     */
    credentials?: 'include' | 'omit'
  },
) => Promise<{
  status: number
  headers: Readonly<Record<string, string>>
  text(): Promise<string>
  json(): Promise<unknown>
  /** The answer as it came, for files; as bounded in size as all answers. */
  bytes(): Promise<Uint8Array>
}>
