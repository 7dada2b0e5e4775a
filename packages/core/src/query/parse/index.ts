export type { UnderstandContext } from './context.js'
export type { Vocabulary } from './lexicon.js'
export { understand } from './understand.js'
