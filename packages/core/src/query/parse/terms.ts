import { type Lexicon, longestPhrase, type Meaning } from './lexicon.js'
import { corrected } from './spelling.js'
import { stem, stemSet, stemWords } from './stem.js'
import { type Token, tokenize } from './tokens.js'
import { abbreviations, fillers } from './words.js'

/** A piece of a sentence that means one thing, or a word that only the grammar knows. */
export interface Term {
  /** Words as they were written, lower-case. */
  text: string
  /** Stem of a single word; empty for the rest. */
  stem: string
  meanings: readonly Meaning[]
  token: Token
}

/** A sentence in terms. */
export interface Terms {
  terms: Term[]
  /** Misspelt words and what they were taken for. */
  corrections: { from: string; to: string }[]
}

/** Words that the rules of the grammar know by name. */
const grammarWords = stemWords(
  'last latest recent first previous prior past since until till before after between and or not no without except excluding than versus vs compare against',
  'how many much long far often late early fast what when which why where today yesterday tonight tomorrow ago this current now next follow',
  'rise increase decrease fall drop decline improve worsen trend change up down well bad poor good short little better worse best worst high low higher lower more less fewer',
  'usual normal baseline typical unusual unique different distinct type kind list affect effect impact influence relate correlate correlation hurt harm ruin disturb disrupt alter',
  'percentile quartile percent share proportion fraction so far date half quarter beginning start begin end go bed year month week day night hour minute',
  'difference between from to remember forget then feel',
  'christmas halloween valentine eve fortnight earliest newest loud noisy present moment',
  'midnight noon ytd mtd except weekly monthly yearly annually annual hourly quarterly daily nightly',
)

/** Common words that must never be taken for a misspelt one. */
const common = stemSet(
  'other later never under while where there their these those about above again could would should might other because though since until',
  'make made many much most more less than then them they this that with will were been have from into your work week were what when which',
  'like love life live head hard heat hand home hope feel felt free food foot form four five read real rest road rain ride best test text next',
  'left land late line list long look lose lost lunch dinner breakfast meal sugar taste party paper phone photo place plan play point power price',
  'start state stand still stop story study stuff style school season second seem sense serve seven share short should sister small smoke some',
  'something sound south space speak special spend stage station stay better between both bring brother build business children city class clear',
  'close cold come company country course daughter dark dead deal dear death deep does doing door down during each early earth east easy eight',
  'either else enough even event ever every face fact fall family farm fast father fear feet field find fine fire floor follow friend front full',
  'game girl give glass goal gold good great green ground group grow half happen happy heavy help here high hold hot house hundred idea',
  'inside instead interest island just keep kind king know large laugh lead learn leave letter light listen little low machine main man mark',
  'market matter mean measure meet member men middle mile million mind minute miss money month moon morning mother mountain mouth move music must',
  'name near nearly need news night nine noise north nothing notice number ocean off often once only open order page pain pair part pass pay people',
  'person picture piece plant please poor possible problem product pull push put question quick quiet quite race reach ready reason receive red',
  'remember right river rock room round rule sail same sand save say sea see self sell send sentence set shape shop show side sign since sing sit six',
  'size sky soft soil soldier song soon stone strong such sun sure surprise system table tail take talk teach tell ten thank thing think third',
  'though thought thousand three through time tire today together told tomorrow tone took top total touch toward town travel tree true try turn',
  'two type uncle unit until use usual valley very view village visit voice wait wake walk wall want war warm wash watch water wave weather week weight',
  'went west wheel white whole whom wide wife wild wind window winter wish woman wonder wood word world worth write wrong year yellow yes yet young',
  'weather weird smart worry worse steep stair stars steal steel steam stick sheep sweep swift sweat sweet slope sleet creep steak stack shirt skirt',
  'pulse purse nurse curse horse house mouse mount ranch lunch punch bunch branch peach coach poach roach teach beach bench',
)

const none: ReadonlySet<string> = new Set()

/**
 * Splits a sentence into terms: the longest phrases of the lexicon, numbers, and single words. A word that nobody
 * knows is taken for a known one where only one is near enough; `names` stay as they are.
 */
export function readTerms(sentence: string, lexicon: Lexicon, names: ReadonlySet<string> = none): Terms {
  const corrections: Terms['corrections'] = []
  const known = [...lexicon.words.keys()]
  const tokens = tokenize(sentence).map((said): Token => {
    const full = said.is === 'word' && Object.hasOwn(abbreviations, said.text) ? abbreviations[said.text] : undefined
    const token: Token = full === undefined ? said : { is: 'word', text: full, stem: stem(full) }
    if (token.is !== 'word' || token.stem.length < 3 || names.has(token.text)) return token
    if (
      lexicon.words.has(token.stem) ||
      fillers.has(token.stem) ||
      grammarWords.has(token.stem) ||
      common.has(token.stem)
    ) {
      return token
    }
    const to = correctedForm(token.text, lexicon) ?? corrected(token.stem, known) ?? corrected(token.stem, grammarList)
    if (to === null) return token
    corrections.push({ from: token.text, to: lexicon.words.get(to) ?? grammarWords.get(to) ?? to })
    return { ...token, stem: to }
  })
  const stems = tokens.map((token) => (token.is === 'word' ? token.stem : null))
  const terms: Term[] = []
  for (let i = 0; i < tokens.length; ) {
    const found = longestPhrase(lexicon, stems, i)
    const next = found?.next ?? i + 1
    const token = tokens[i]!
    const text = tokens
      .slice(i, next)
      .map((one) => one.text)
      .join(' ')
    terms.push({
      text,
      stem: next === i + 1 && token.is === 'word' ? token.stem : '',
      meanings: meant(found?.meanings ?? [], text),
      token,
    })
    i = next
  }
  return { terms, corrections }
}

/** "Weights" are lifted, "weight" is weighed: one form is the activity's own name. */
function meant(meanings: readonly Meaning[], text: string): readonly Meaning[] {
  const concept = meanings.find((meaning) => meaning.is === 'concept')
  const activity = meanings.find((meaning) => meaning.is === 'activity')
  if (!concept || !activity) return meanings
  const own = activity.phrase === text && !concept.concept.names.includes(text)
  return meanings.filter((meaning) => meaning !== (own ? concept : activity))
}

/** The stem of the known word that a misspelt one stands for, where the mistake hides its ending. */
function correctedForm(text: string, lexicon: Lexicon): string | null {
  const word =
    corrected(text, lexicon.forms) ?? (text.endsWith('s') ? corrected(text.slice(0, -1), lexicon.forms) : null)
  return word === null ? null : stem(word)
}

const grammarList = [...grammarWords.keys()]
