import { defineConfig } from 'tsup'
import { buildOptions } from '../../scripts/build/options.mjs'

export default defineConfig(buildOptions(import.meta.dirname))
