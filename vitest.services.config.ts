// Against the real servers that scripts/services brings up.
import { suite } from './vitest.suite.js'

export default suite('services', 120)
