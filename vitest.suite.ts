import { defineConfig, type ViteUserConfig } from 'vitest/config'

const source = { conditions: ['auren-source'] }

/**
 * How long `expect.poll` looks for what must come to be. Its own default is a second, which says more about the machine
 * than about what is tested; what never comes fails all the same.
 */
export const poll = { timeout: 20_000 }

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
      expect: { poll },
      // One file at a time: these suites share servers, ports and both cores.
      fileParallelism: false,
    },
  })
}
