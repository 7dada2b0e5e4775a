export type { UnderstandContext } from './context.js'
export { understand } from './understand.js'
export type { Vocabulary } from './vocabulary.js'
