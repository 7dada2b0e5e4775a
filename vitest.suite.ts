import { defineConfig, type ViteUserConfig } from 'vitest/config'

const source = { conditions: ['auren-source'] }

/**
 * A suite beside the embedded tests: files `*.<name>.test.ts` of packages, examples and the root.
 * @param name of the suite
 * @param seconds that one test may take
 * @param setup modules that run once, before the first file
 */
export function suite(name: string, seconds: number, setup: string[] = []): ViteUserConfig {
  const files = `test/**/*.${name}.test.{ts,tsx}`
  return defineConfig({
    resolve: source,
    ssr: { resolve: source },
    test: {
      include: [`packages/*/${files}`, `examples/*/${files}`, files],
      passWithNoTests: true,
      globalSetup: setup,
      testTimeout: seconds * 1000,
      hookTimeout: seconds * 1000,
      // One file at a time: these suites share servers, ports and both cores.
      fileParallelism: false,
    },
  })
}
