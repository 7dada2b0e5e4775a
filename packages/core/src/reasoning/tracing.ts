/** A LangChain callback handler, seen from outside: public types name no vendor's type. */
export interface SilentTracer {
  readonly name: string
}

/** Name by which LangChain looks whether a tracer is there already. */
const TRACER = 'langchain_tracer'

/**
 * A callback handler that stands where LangSmith's tracer would and does nothing. With only `LANGSMITH_*` or
 * `LANGCHAIN_*` variables set, LangChain adds a tracer to every run that has none of this name, and posts a person's
 * words to a third party. Callbacks are inherited, so one silent tracer at the root keeps everything below it silent,
 * and the host's own tracing is left alone.
 */
async function silentTracer(): Promise<SilentTracer> {
  const { BaseCallbackHandler } = await import('@langchain/core/callbacks/base')
  return Object.assign(BaseCallbackHandler.fromMethods({}), {
    name: TRACER,
    // LangChain asks its tracer for the run tree that carries the configuration to nested runs.
    getRunTreeWithTracingConfig: () => ({}),
    updateFromRunTree: () => undefined,
  })
}

/**
 * Runs `work` with LangSmith tracing off, whatever the environment says. `work` passes the callbacks it gets to the
 * LangChain runnable that it calls.
 */
export async function untraced<T>(work: (callbacks: SilentTracer[]) => Promise<T>): Promise<T> {
  const [{ AsyncLocalStorageProviderSingleton }, { AsyncLocalStorage }, tracer] = await Promise.all([
    import('@langchain/core/singletons'),
    import('node:async_hooks'),
    silentTracer(),
  ])
  // Does nothing where a storage is there already (LangGraph brings one).
  AsyncLocalStorageProviderSingleton.initializeGlobalInstance(new AsyncLocalStorage())
  // A run tree of the host would be asked before the callbacks: inside, there is none.
  return AsyncLocalStorageProviderSingleton.getInstance().run(undefined as never, () => work([tracer])) as Promise<T>
}
