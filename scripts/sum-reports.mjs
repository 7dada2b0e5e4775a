// Sums the JSON reports of vitest.
//   sum-reports.mjs <folder> <broken>        prints 'N passed, N failed', where steps broken otherwise count as failed
//   sum-reports.mjs --one <report> <status>  says whether one suite's report explains the exit status of its run
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests skipped
 * @property {number} numTodoTests
 */

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
  const sum = (/** @type {(report: Report) => number} */ count) =>
    reports.reduce((all, report) => all + (report ? count(report) : 0), 0)
  const passed = sum((report) => report.numPassedTests)
  const failed = sum((report) => report.numFailedTests) + broken
  const skipped = sum((report) => report.numPendingTests + report.numTodoTests)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return failed > 0 ? 1 : 0
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
