import { type ComposerOptions, composer } from './composer/index.js'
import { memoryKeeper } from './memory-keeper/index.js'
import { question } from './question/index.js'
import { recall } from './recall/index.js'
import { recovery } from './recovery/index.js'
import { safety } from './safety/index.js'
import { sentenceParser } from './sentence-parser/index.js'
import { sleep } from './sleep/index.js'
import { verifier } from './verifier/index.js'

/** All nodes of NEUROS, as they come with AUREN: `createAuren({ plugins: [..., ...neuros()] })`. */
export function neuros(options: { composer?: ComposerOptions } = {}) {
  return [
    safety(),
    sentenceParser(),
    recall(),
    question(),
    sleep(),
    recovery(),
    composer(options.composer),
    verifier(),
    memoryKeeper(),
  ] as const
}
