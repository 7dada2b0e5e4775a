// Sums the JSON reports of vitest.
//   sum-reports.mjs <folder> <broken>        names what failed, then prints 'N passed, N failed', where steps broken
//                                            otherwise count as failed
//   sum-reports.mjs --one <report> <status>  says whether one suite's report explains the exit status of its run
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests skipped
 * @property {number} numTodoTests
 * @property {FileResult[]} testResults
 *
 * @typedef {object} FileResult
 * @property {string} name path of the file
 * @property {string} status
 * @property {string} [message] why the file did not load
 * @property {{ fullName: string, status: string, failureMessages: string[] }[]} assertionResults
 */

// Enough of a failure to know what it is; the whole of it stands with its suite, which may be far above or cut off.
const LINES = 12

const [first = '', second = '', third = ''] = process.argv.slice(2)
process.exitCode = first === '--one' ? explain(second, Number(third)) : total(first, Number(second))

/**
 * @param {string} folder
 * @param {number} broken
 */
function total(folder, broken) {
  const reports = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => read(join(folder, name)))
  for (const report of reports) for (const failure of failuresOf(report)) console.log(failure)
  const sum = (/** @type {(report: Report) => number} */ count) =>
    reports.reduce((all, report) => all + (report ? count(report) : 0), 0)
  const passed = sum((report) => report.numPassedTests)
  const failed = sum((report) => report.numFailedTests) + broken
  const skipped = sum((report) => report.numPendingTests + report.numTodoTests)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return failed > 0 ? 1 : 0
}

/**
 * @param {Report | undefined} report
 * @returns {string[]} each failed test, or file that did not load, with the beginning of why
 */
function failuresOf(report) {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name)
    const failed = assertionResults.filter((result) => result.status === 'failed')
    if (failed.length === 0 && status === 'failed') return [failureOf(file, message)]
    return failed.map((result) => failureOf(`${file} > ${result.fullName}`, result.failureMessages.join('\n')))
  })
}

/**
 * @param {string} what
 * @param {string | undefined} why
 */
function failureOf(what, why) {
  const lines = (why ?? '').split('\n').slice(0, LINES)
  return `FAILED ${what}\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/**
 * A suite can fail without a failed test: a file that does not load, an error after the last test, no report at all.
 * @param {string} file
 * @param {number} status
 */
function explain(file, status) {
  const report = read(file)
  if (!report) return 1
  return status !== 0 && report.numFailedTests === 0 ? 1 : 0
}

/**
 * @param {string} file
 * @returns {Report | undefined}
 */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
