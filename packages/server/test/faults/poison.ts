/** What must not do harm: bodies as bytes, and what an honest server may answer. */
export interface Poison {
  name: string
  body: Uint8Array
  /** Statuses that are right. */
  right: number[]
}

const text = (body: string): Uint8Array => new TextEncoder().encode(body)
const at = Date.UTC(2025, 4, 4, 10)
const zone = '"offset":0,"zoneBasis":"carried"'
const beat = (value: string, more = ''): string =>
  `{"shape":"sample","metric":"heart_rate","start":${at},"value":${value},"unit":"/min",${zone}${more}}`
const batch = (...items: string[]): Uint8Array => text(`{"app":"poison","observations":[${items.join(',')}]}`)
const deep = 100_000

/**
 * T9. A body that is no JSON is the sender's fault (400, 413); what is JSON and no observation is kept in quarantine
 * (200), for it may be ours.
 */
export const poisons: Poison[] = [
  { name: 'not JSON', body: text('{"app":'), right: [400] },
  { name: 'NaN', body: batch(beat('NaN')), right: [400] },
  { name: 'Infinity', body: batch(beat('1e999')), right: [200, 400] },
  { name: '1e308', body: batch(beat('1e308')), right: [200] },
  { name: 'a negative pulse', body: batch(beat('-60')), right: [200] },
  { name: 'a text for a number', body: batch(beat('"61"')), right: [200] },
  { name: 'null', body: batch('null'), right: [200] },
  { name: 'an array', body: batch('[1,2,3]'), right: [200] },
  { name: 'a NUL byte escaped', body: batch(beat('61', ',"recordId":"a\\u0000b"')), right: [200] },
  { name: 'a NUL byte raw', body: batch(beat('61', ',"recordId":"a\0b"')), right: [400] },
  { name: 'a lone surrogate', body: batch(beat('61', ',"recordId":"\\ud800"')), right: [200] },
  {
    name: 'invalid UTF-8',
    body: Buffer.concat([text('{"app":"poison","observations":["'), Buffer.from([0xc3, 0x28, 0xff]), text('"]}')]),
    right: [200, 400],
  },
  { name: 'depth 10^5', body: text('['.repeat(deep) + ']'.repeat(deep)), right: [400] },
  {
    name: 'depth 10^5 in an observation',
    body: batch(`{"shape":"sample","x":${'['.repeat(deep)}${']'.repeat(deep)}}`),
    right: [400],
  },
  {
    name: '__proto__',
    body: batch(beat('61', ',"__proto__":{"value":1},"constructor":{"prototype":{}}')),
    right: [200],
  },
  { name: 'a string of 10 MB', body: batch(`"${'x'.repeat(10_000_000)}"`), right: [413] },
  { name: 'an unknown metric', body: batch(beat('61').replace('heart_rate', 'aura')), right: [200] },
  { name: 'a time outside of all time', body: batch(beat('61').replace(String(at), '9e15')), right: [200] },
  {
    name: 'a time a year ahead',
    body: batch(beat('61').replace(String(at), String(Date.now() + 366 * 86_400_000))),
    right: [200],
  },
]
