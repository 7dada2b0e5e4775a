// In a real Chromium, driven by playwright-core from Node. `scripts/services chromium` provides it.
import { suite } from './vitest.suite.js'

export default suite('browser', 120, ['./test/browser/setup.ts'])
