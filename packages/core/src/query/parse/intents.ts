import type { Understanding } from '../../reasoning/types.js'
import { plainText } from './tokens.js'

type Intent = Understanding['intent']

const greeting =
  /^(?:(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|thanks?|thank you|thx|cheers|bye|goodbye|good night|see you|ok(?:ay)?|cool|great|nice|hello there|hi there|hey there|how do you do|nice to meet you|who are you|what are you|what can you do|what is your name)[\s,]*(?:again|there|auren|neuros|everyone|so much|very much|a lot|all)?)+$/

const remember =
  /^(?:please |and |also |can you |could you |i want you to )*(?:remember|note|keep in mind|make a note|do not forget)\b/
const stated =
  /^(?:my (?:goal|aim|target)(?: (?:is|for|to)\b)|i am (?:aiming|allergic|training for|trying to)\b|i aim\b|i prefer\b|i have (?:a )?(?:pacemaker|diabetes|epilepsy|asthma|an allergy)|call me\b|i (?:suffer from|was diagnosed with)\b)/
const forget =
  /^(?:please |and |also |can you |could you |i want you to )*(?:forget|delete|erase|remove) (?:(?:that|about|what|everything|all|the|my|it|this)\b)/

const sleepOpen =
  /^(?:and |so )?(?:how (?:did|have|has|was|is|were|do|am) (?:i|my)?\s?(?:been )?(?:sleep|slept|sleeping|night|last night)(?: (?:been|last night|tonight|lately|recently|going|today|this morning|doing))*|how (?:was|is) (?:my )?(?:sleep|night|last night)(?: (?:last night|lately|recently|today))*|how well did i sleep(?: last night)?|did i sleep (?:well|ok|okay|enough|badly)(?: last night)?|tell me about my (?:sleep|night)|was my sleep (?:good|ok|okay|bad)(?: last night)?)$/
const recoveryOpen =
  /^(?:and |so )?(?:(?:am i|was i|have i) (?:\w+ )?(?:recovered|rested|recovering|ready(?: to train| for (?:training|exercise|a workout|a run))?|fit to train|overtrained|overtraining)(?: (?:today|well|enough|yet|now|this morning))*|how (?:is|was) my (?:recovery|readiness|body)(?: (?:doing|today|this morning))*|how (?:well )?(?:recovered|rested) am i(?: today)?|how ready am i(?: (?:today|to train|for training))*|should i (?:train|rest|work out|workout|exercise|take a rest day|take it easy|run)(?: (?:hard|today|tomorrow|or rest))*|can i train(?: hard)?(?: today)?|(?:my )?recovery(?: today)?|is my body (?:strained|stressed|recovered|ok|okay)(?: today)?)$/
const overview =
  /^(?:and |so )?(?:how (?:am i|have i been|was i|is it|are things) ?(?:doing|going|feeling)?(?: (?:today|overall|lately|recently|this week|these days|right now|now|generally|in general))*|how (?:is|was) (?:my )?(?:health|day|everything|body)(?: (?:today|overall|lately|recently|looking|going|doing))*|(?:give me )?(?:an? |my )?(?:overview|summary|report|status|check ?in|update)(?: (?:of|on|for) (?:me|my (?:health|day|data)|today))*(?: please)?|how do i look(?: today)?|what is up with me|(?:is )?(?:anything|something) (?:unusual|wrong|off|new|out of the ordinary|i should know)(?: (?:today|lately|with me|in my data|about my health|recently))*|what (?:is|was) (?:unusual|new|different|notable)(?: (?:today|lately|recently))*|what should i know(?: today)?|tell me (?:about (?:my health|me|my day|myself)|how i am(?: doing)?)(?: (?:today|lately))*|summari[sz]e my (?:day|week|health|data))$/

/** Words of an utterance with single spaces and no punctuation. */
function wordsOf(text: string): string {
  return plainText(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Longest utterance that can be an open question; anything longer is read by the grammar only. */
const LONGEST = 200

/**
 * What an utterance wants where that shows by its form: to be remembered, forgotten, or small talk. A greeting is one
 * only where the whole utterance is.
 */
export function statementIntent(text: string): Extract<Intent, 'remember' | 'forget' | 'smalltalk'> | null {
  const words = wordsOf(text.slice(0, 2000))
  if (remember.test(words)) return 'remember'
  if (forget.test(words)) return 'forget'
  if (stated.test(words) && !text.trimEnd().endsWith('?')) return 'remember'
  return words.length <= LONGEST && greeting.test(words) ? 'smalltalk' : null
}

/** `I drank two beers`: somebody tells something, and asks nothing. */
export function isStatement(text: string): boolean {
  const told =
    /^(?:(?:today|yesterday|last night|this morning) )?(?:i|we) (?:have |had |just |also |only )*(?:am|was|did|drank|drunk|ate|ran|slept|took|felt|feel|went|walked|swam|cycled|exercised|worked|had|got|woke|weigh|weighed)\b(?! (?:\w+ )?(?:wondering|curious|asking|interested)\b)/
  return !text.includes('?') && told.test(wordsOf(text.slice(0, LONGEST)))
}

/** What an open question is about: how somebody slept, has recovered, or is doing. */
export function openIntent(text: string): Extract<Intent, 'overview' | 'sleep' | 'recovery'> | null {
  const words = wordsOf(text.slice(0, 2000))
  if (words.length > LONGEST) return null
  if (sleepOpen.test(words)) return 'sleep'
  if (recoveryOpen.test(words)) return 'recovery'
  return overview.test(words) ? 'overview' : null
}
