import { readFile } from 'node:fs/promises'
import { Night } from './index.js'
import { run } from './main.js'

const nights = Night.array().parse(
  JSON.parse(await readFile(new URL('../fixtures/nights.json', import.meta.url), 'utf8')),
)
const question = process.argv.slice(2).join(' ') || 'What was my average sleep in the last 3 days?'
const { answer } = await run(nights, question, Date.parse('2026-03-05T09:00:00Z'))
console.log(answer)
