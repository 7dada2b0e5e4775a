// The embedded tests: nothing but Node. The other suites have a configuration each.
import { defineConfig } from 'vitest/config'
import { poll } from './vitest.suite.js'

// Packages import each other's TypeScript directly: no build stands between an edit and its test.
const source = { conditions: ['auren-source'] }

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: {
    include: ['packages/*/test/**/*.test.{ts,tsx}', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.{services,browser,faults}.test.{ts,tsx}'],
    // Generous: a crowded machine must not fail what is only slow.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll },
    maxWorkers: 2,
  },
})
