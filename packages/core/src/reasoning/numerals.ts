/**
 * Numbers in words and figures, for the rule that a sentence holds none but those of facts. English first; figures of
 * every script; and the commonest number words of the languages that a model slips into, where they are no English words.
 */

const units = 'zero|nil|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve'
const teens = 'thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen'
const tens = '(?:twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety)[a-z]*'
const large = 'hundreds?|thousands?|millions?|billions?|dozens?|couple|pair'
const ordinals =
  'second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|[a-z]+teenth|[a-z]+tieth|hundredth|thousandth'
const shares =
  'half|halves|quarters?|thirds|once|twice|thrice|doubled?|doubles|tripled?|triples|quadrupled?|[a-z]*fold|percent|percentile'
const quantities = 'most|mostly|majority|minority|several|many|few|none|always|never|every|everyday|nobody'
const others = [
  'eins|zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf|[a-z]*zehn|[a-z]+zig|dreissig|hundert|tausend',
  'deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante[a-z]*|cent|mille',
  'dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|trece|catorce|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|ciento|mil',
  'quattro|cinque|sette|otto|nove|dieci|undici|dodici|venti|trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta|cento',
  'dois|quatro|sete|oito|dez|vinte|quarenta|cinquenta|sessenta|oitenta|twee|drie|vijf|zes|zeven|negen|tien|twintig|dertig|veertig|vijftig',
].join('|')

const words = new RegExp(
  `\\b(?:${[units, teens, tens, large, ordinals, shares, quantities, others].join('|')})\\b`,
  'i',
)
/** "one" where it counts nothing. */
const idioms =
  /\b(?:one of|no one|this one|that one|which one|each one|any one|one another|the one|one thing|one by one|everyone|anyone|someone|at most|at the most|at least)\b/gi
const roman = /\b(?=[IVXLCDM]{2,}\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b/
const spelled = /(?:\b\p{L}\b[\s.·-]+){2,}\b\p{L}\b/u

/** The first number in `text`, in figures or words, or null. `text` holds no placeholders. */
export function findNumeral(text: string): string | null {
  const figure = /\p{N}/u.exec(text)
  if (figure) return figure[0]
  const bare = text.normalize('NFD').replace(/\p{M}/gu, '').replace(idioms, ' ')
  const foreign = /\p{L}/u.exec(bare.replace(/\p{Script=Latin}/gu, ''))
  // Words of another script may be numbers, and nothing here could tell.
  if (foreign) return foreign[0]
  const word = words.exec(bare) ?? /\bone\b/i.exec(bare) ?? roman.exec(bare) ?? spelled.exec(bare)
  return word ? word[0] : null
}
