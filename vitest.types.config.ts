// What must not compile: files *.test-d.ts, checked by the compiler and never run.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [],
    passWithNoTests: true,
    typecheck: {
      enabled: true,
      only: true,
      include: ['packages/*/test/**/*.test-d.ts', 'examples/*/test/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
      // Errors elsewhere are the business of `npm run typecheck`.
      ignoreSourceErrors: true,
    },
  },
})
