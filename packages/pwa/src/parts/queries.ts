import { QueryClient, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { readConnections, readImports, readVendors } from '../api/biometric'
import {
  readChapters,
  readContradictions,
  readMemories,
  readMetrics,
  readProfile,
  readThreads,
  readToday,
} from '../api/neuros'
import { Problem } from '../api/problem'
import { DEFAULT_READER, type Reader } from './format'
import { type Names, NO_NAMES } from './words'

/** Answers live in memory only, and for as long as this page. */
export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      retry: (count, error) => count < 2 && error instanceof Problem && error.temporary,
      networkMode: 'always',
      refetchOnReconnect: true,
    },
    mutations: { networkMode: 'always' },
  },
})

export const useToday = () => useQuery({ queryKey: ['today'], queryFn: ({ signal }) => readToday(signal) })
export const useMetrics = () => useQuery({ queryKey: ['metrics'], queryFn: ({ signal }) => readMetrics(signal) })
export const useThreads = () => useQuery({ queryKey: ['threads'], queryFn: ({ signal }) => readThreads(signal) })
export const useMemories = () => useQuery({ queryKey: ['memories'], queryFn: ({ signal }) => readMemories(signal) })
/** Under the memories, for they are among them. */
export const useChapters = () =>
  useQuery({ queryKey: ['memories', 'chapters'], queryFn: ({ signal }) => readChapters(signal) })
/** Under the memories: what changes one of them may end what it contradicted. */
export const useContradictions = () =>
  useQuery({ queryKey: ['memories', 'contradictions'], queryFn: ({ signal }) => readContradictions(signal) })
export const useProfile = () => useQuery({ queryKey: ['profile'], queryFn: ({ signal }) => readProfile(signal) })
export const useImports = () => useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => readImports(signal) })
export const useConnections = () =>
  useQuery({ queryKey: ['connections'], queryFn: ({ signal }) => readConnections(signal) })

/** What can be connected. It changes only with the installation. */
export const useVendors = () =>
  useQuery({ queryKey: ['vendors'], queryFn: ({ signal }) => readVendors(signal), staleTime: Number.POSITIVE_INFINITY })

/** What the server calls its metrics. */
export function useNames(): Names {
  const { data } = useMetrics()
  return useMemo(() => {
    if (!data) return NO_NAMES
    return {
      titles: new Map(data.map(({ metric, title }) => [metric, title])),
      units: new Map(data.map(({ metric, unit }) => [metric, unit])),
    }
  }, [data])
}

/** How the person reads numbers; the default until their profile is known. */
export function useReader(): Reader {
  const { data } = useProfile()
  return useMemo(
    () => ({ locale: data?.locale ?? DEFAULT_READER.locale, units: data?.units ?? DEFAULT_READER.units }),
    [data],
  )
}

/** New measurements change everything that is shown of them. */
export function dataChanged(): void {
  for (const key of ['today', 'metrics', 'series', 'trace', 'pattern', 'memories', 'connections'])
    void client.invalidateQueries({ queryKey: [key] })
}
