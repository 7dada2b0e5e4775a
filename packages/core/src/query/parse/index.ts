export type { Vocabulary } from './lexicon.js'
export { type UnderstandContext, understand } from './understand.js'
