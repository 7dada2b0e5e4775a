// Kills, cuts and full disks with work in flight: slow, so apart from the embedded tests.
import { suite } from './vitest.suite.js'

export default suite('faults', 600, ['./test/built-child.ts'])
