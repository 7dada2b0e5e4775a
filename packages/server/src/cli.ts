#!/usr/bin/env node
import { Command } from 'commander'
import type { Client } from './cli/client.js'
import { audit, invite, rotateKey, token } from './cli/commands/access.js'
import { ask, query } from './cli/commands/ask.js'
import { connections } from './cli/commands/connections.js'
import { importFile, imports } from './cli/commands/import.js'
import { memory } from './cli/commands/memory.js'
import { normalizeFile } from './cli/commands/normalize.js'
import { type OperatorFilter, operatorQuarantine } from './cli/commands/operator.js'
import { newPlugin } from './cli/commands/plugin.js'
import { rank } from './cli/commands/ranks.js'
import { consolidate, exportAll, type ForgetOptions, forget, quarantine } from './cli/commands/records.js'
import { type ReplayOptions, replay } from './cli/commands/replay.js'
import { start } from './cli/commands/start.js'
import { backup, doctor, restore } from './cli/commands/upkeep.js'
import { createOutput, type Output, report } from './cli/output.js'
import { withClient } from './cli/session.js'
import { type Config, readConfig } from './config.js'
import { createLog, type Logger } from './log.js'
import { VERSION } from './services.js'

interface Options {
  data?: string
  json?: boolean
  demo?: boolean
}

const program = new Command('auren')
  .description('AUREN keeps what your wearables measure, for years, and answers with numbers that can be checked.')
  .version(VERSION)
  .option('--data <folder>', 'data folder (default: AUREN_DATA, else ~/.auren)')
  .option('--demo', 'use the demo person’s own data folder')
  .option('--json', 'print JSON for machines')
  .showHelpAfterError('(see auren --help)')

/** Runs an action with configuration and output, and ends with its exit code. */
function run(
  action: (context: { config: Config; output: Output; log: Logger; options: Options }) => Promise<number>,
): Promise<void> {
  const options = program.opts<Options>()
  const output = createOutput(options.json === true)
  return Promise.resolve()
    .then(() => {
      const config = readConfig(process.env, options.data === undefined ? {} : { data: options.data })
      // The demo must never mix with a person's own data.
      const chosen = options.demo ? { ...config, dataDir: `${config.dataDir}-demo` } : config
      return action({
        config: chosen,
        output,
        log: createLog(config.logLevel, { masterKey: config.masterKey }),
        options,
      })
    })
    .then(
      (code) => {
        process.exitCode = code
      },
      (error) => {
        process.exitCode = report(error, output)
      },
    )
}

/** Runs an action against the running server, or over a folder opened for it. */
const online = (action: (client: Client, output: Output) => Promise<number>): Promise<void> =>
  run(({ config, output, log }) => withClient(config, log, output.note, (client) => action(client, output)))

program
  .command('start')
  .description('start NEUROS, Biometric and the PWA on this machine')
  .option('--pwa <folder>', 'folder of the built PWA')
  .action((options: { pwa?: string }) =>
    run(({ config, output, log, options: { demo } }) =>
      start(config, output, log, { ...options, ...(demo ? { demo } : {}) }),
    ),
  )

program
  .command('import')
  .description('import an export file: auren import apple-health export.zip')
  .argument('<plugin>', 'which wearable made it, e.g. apple-health; or the file, if it can be recognised')
  .argument('[file]')
  .option('--mapping <file>', 'of a table (csv): what its columns are, as JSON')
  .option('--mine', 'of an export of AUREN that names another person: it is mine, and becomes mine here')
  .action((plugin: string, file: string | undefined, options: { mapping?: string; mine?: boolean }) =>
    online((client, output) =>
      importFile(client, output, file === undefined ? undefined : plugin, file ?? plugin, options),
    ),
  )

const importing = program.command('imports').description('what has been imported, and what complete exports lack')
importing.command('list', { isDefault: true }).action(() => online(imports.list))
importing
  .command('show')
  .argument('<id>')
  .action((id: string) => online((client, output) => imports.show(client, output, id)))
importing
  .command('withdraw')
  .description('withdraw what this complete export lacks and earlier ones held')
  .argument('<id>')
  .action((id: string) => online((client, output) => imports.withdraw(client, output, id)))
importing
  .command('restore')
  .description('take that back')
  .argument('<id>')
  .action((id: string) => online((client, output) => imports.restore(client, output, id)))

program
  .command('connect')
  .description('connect a vendor: auren connect oura; auren connect nightscout url=https://… token=-')
  .argument('[vendor]', 'which; without it, what is connected is listed')
  .argument('[given...]', 'what a site of your own is opened with, as name=value; - reads the value from the input')
  .action((vendor: string | undefined, given: string[]) =>
    online((client, output) =>
      vendor === undefined ? connections.list(client, output) : connections.begin(client, output, vendor, given),
    ),
  )
program
  .command('disconnect')
  .description('end a connection and destroy its tokens; data stays')
  .argument('<vendor>')
  .action((vendor: string) => online((client, output) => connections.remove(client, output, vendor)))
program
  .command('sync')
  .description('fetch what is new from a vendor now')
  .argument('<vendor>')
  .action((vendor: string) => online((client, output) => connections.sync(client, output, vendor)))

program
  .command('normalize')
  .description('print what a payload or an export becomes, as JSON lines; nothing is stored')
  .argument('<plugin>', 'whose it is, e.g. oura; or the file, if it can be recognised')
  .argument('[file]')
  .option('--account <id>', 'the vendor’s name of the account', 'me')
  .option('--zone <name>', 'zone of times without one (default: AUREN_ZONE, else this machine’s)')
  .option('--received <instant>', 'when it came, e.g. 2024-05-01T08:00:00Z (default: now)')
  .option('--mapping <file>', 'of a table (csv): what its columns are, as JSON')
  .action(
    (
      plugin: string,
      file: string | undefined,
      options: { account: string; zone?: string; received?: string; mapping?: string },
    ) =>
      run(({ config, output }) =>
        normalizeFile(output, file === undefined ? undefined : plugin, file ?? plugin, {
          zone: config.zone,
          ...options,
        }),
      ),
  )

program
  .command('plugin')
  .description('plugins of your own')
  .command('new')
  .description('make the folder of a new plugin, with a test that passes')
  .argument('<name>', 'e.g. my-ring')
  .option('--kind <kind>', 'what it is', 'wearable')
  .option('--into <folder>', 'where its folder is made', '.')
  .action((name: string, options: { kind: string; into: string }) =>
    run(({ output }) => newPlugin(output, name, options)),
  )

program
  .command('ask')
  .description('ask a question; the facts are listed under the answer')
  .argument('<question...>')
  .option('--thread <id>', 'go on with a conversation')
  .option('--today <date>', 'answer as of this local date')
  .action((words: string[], options: { thread?: string; today?: string }) =>
    online((client, output) => ask(client, output, words.join(' '), options)),
  )

program
  .command('query')
  .description('compute facts from a typed query (JSON) or an English question')
  .argument('<query...>')
  .option('--today <date>', 'answer as of this local date')
  .action((words: string[], options: { today?: string }) =>
    online((client, output) => query(client, output, words.join(' '), options)),
  )

program
  .command('rank')
  .description('which device counts where several measured the same: auren rank steps phone watch')
  .argument('[metric]', 'a metric, or * for all')
  .argument('[sources...]', 'best first: their keys, or parts of them')
  .option('--reset', 'as it is without an order of your own')
  .action((metric: string | undefined, sources: string[], options: { reset?: boolean }) =>
    online((client, output) => rank(client, output, metric, sources, options)),
  )

const memories = program.command('memory').description('what is remembered')
memories
  .command('list', { isDefault: true })
  .option('--kind <kind>')
  .option('--status <status>', 'drafted, active, weakening or retired')
  .option('--as-of <date>', 'as it was known, and how sure it was, then')
  .action((options: { kind?: string; status?: string; asOf?: string }) =>
    online((client, output) => memory.list(client, output, options)),
  )
memories
  .command('remember')
  .argument('<kind>', 'note, safety, preference, goal, hypothesis, experiment, episode or tag')
  .argument('<text...>')
  .action((kind: string, words: string[]) =>
    online((client, output) => memory.remember(client, output, kind, words.join(' '))),
  )
memories
  .command('note')
  .description('keep a note, with drafts of what is read in it: goals, allergies, illnesses …')
  .argument('<text...>')
  .action((words: string[]) => online((client, output) => memory.note(client, output, words.join(' '))))
memories
  .command('recall')
  .description('what would be recalled for a question, and why')
  .argument('<question...>')
  .option('--tokens <n>', 'most tokens of all texts together')
  .action((words: string[], options: { tokens?: string }) =>
    online((client, output) => memory.recall(client, output, words.join(' '), options)),
  )
memories
  .command('chapters')
  .description('the chapters of a life: when sleep, heart, steps and weight changed for good, and by how much')
  .option('--about <metric>', 'only those that are about this metric')
  .action((options: { about?: string }) => online((client, output) => memory.chapters(client, output, options)))
memories
  .command('confirm')
  .description('confirm what was drafted from your words; auren memory forget undoes it')
  .argument('<id>')
  .action((id: string) => online((client, output) => memory.confirm(client, output, id)))
memories
  .command('correct')
  .description('say it anew; the old words can be read as of before')
  .argument('<id>')
  .argument('<text...>')
  .action((id: string, words: string[]) =>
    online((client, output) => memory.correct(client, output, id, words.join(' '))),
  )
memories
  .command('contradictions')
  .description('memories that cannot both be so')
  .option('--all', 'those that are decided, too')
  .action((options: { all?: boolean }) => online((client, output) => memory.contradictions(client, output, options)))
memories
  .command('resolve')
  .description('decide a contradiction: the memory that you name holds')
  .argument('<contradiction>')
  .argument('<memory>')
  .action((id: string, keep: string) => online((client, output) => memory.resolve(client, output, id, keep)))
memories
  .command('trace')
  .description('where a memory came from, down to the measurements')
  .argument('<id>')
  .option('--after <place>', 'go on from there')
  .option('--limit <n>', 'measurements at a time')
  .action((id: string, options: { after?: string; limit?: string }) =>
    online((client, output) => memory.trace(client, output, id, options)),
  )
memories
  .command('forget')
  .argument('<id>')
  .action((id: string) => online((client, output) => memory.forget(client, output, id)))

program
  .command('consolidate')
  .description('build baselines, seasons and chapters now; it is done every night by itself')
  .action(() => online(consolidate))

const aside = program.command('quarantine').description('what was set aside, and why')
aside
  .command('list', { isDefault: true })
  .option('--all', 'also what has been replayed')
  .option('--limit <n>')
  .option('--operator', 'of everybody and of nobody: needs the scope operate')
  .option('--provider <id>', 'with --operator')
  .option('--reason <name>', 'with --operator')
  .action((options: OperatorFilter & { all?: boolean; limit?: string; operator?: boolean }) =>
    online((client, output) => (options.operator ? operatorQuarantine : quarantine).list(client, output, options)),
  )
aside
  .command('show')
  .argument('<id>')
  .option('--operator', 'whoever’s it is')
  .option('--reveal', 'with --operator: also what it holds, which the audit log notes')
  .action((id: string, options: { operator?: boolean; reveal?: boolean }) =>
    online((client, output) =>
      options.operator ? operatorQuarantine.show(client, output, id, options) : quarantine.show(client, output, id),
    ),
  )
aside
  .command('replay')
  .argument('[ids...]')
  .option('--all', 'everything that is set aside')
  .option('--operator', 'of everybody and of nobody: needs the scope operate')
  .option('--provider <id>', 'with --operator: all of this vendor')
  .option('--reason <name>', 'with --operator: all with this reason')
  .action((ids: string[], options: OperatorFilter & { all?: boolean; operator?: boolean }) =>
    online((client, output) =>
      (options.operator ? operatorQuarantine : quarantine).replay(client, output, ids, options),
    ),
  )

program
  .command('replay')
  .description('read anew what was kept of a vendor, after its plugin was mended, and change what that changes')
  .argument('<plugin>', 'whose, e.g. oura')
  .option('--dry-run', 'only say what would change')
  .option('--account <name>', 'only this account at the vendor')
  .option('--from <date>', 'only observations of this day and later')
  .option('--to <date>', 'only observations until this day')
  .action((plugin: string, options: ReplayOptions) =>
    online((client, output) => replay(client, output, plugin, options)),
  )

program
  .command('export')
  .description('write everything as newline-delimited JSON')
  .option('-o, --output <file>')
  .option(
    '--format <name>',
    'the measurements in this format: fhir (FHIR R4 Bundle), csv, or open-mhealth (IEEE 1752.1 data points)',
  )
  .action((options: { output?: string; format?: string }) =>
    online((client, output) => exportAll(client, output, options)),
  )

program
  .command('forget')
  .description('forget what is named; where nothing is, erase everything about you, and destroy your key')
  .option('--yes', 'really')
  .option('--dry-run', 'tell what would go')
  .option('--metric <name...>', 'metrics, sleep, workout, or tags')
  .option('--from <day>')
  .option('--to <day>')
  .option('--source <name>', 'a device, or a provider')
  .option('--text <words>', 'what has these words')
  .option('--kind <kind...>', 'memories of these kinds')
  .action((options: ForgetOptions) => online((client, output) => forget(client, output, options)))

program
  .command('backup')
  .description('write a backup of the data folder (without the key)')
  .argument('[file]')
  .option('--with-key', 'put the key into a second file beside it')
  .action((file: string | undefined, options: { withKey?: boolean }) =>
    run(({ config, output }) => backup(config, output, file, options)),
  )

program
  .command('restore')
  .description('restore a backup into an empty data folder')
  .argument('<file>')
  .option('--key <file>', 'the key file that belongs to the backup')
  .action((file: string, options: { key?: string }) =>
    run(({ config, output }) => restore(config, output, file, options)),
  )

const tokens = program.command('token').description('personal API tokens, for programs')
tokens
  .command('create')
  .description('make a token; it is shown once')
  .argument('<name>', 'what it is for')
  .option('--scopes <list>', 'read, write and operate, with commas (default: read)')
  .option('--days <n>', 'how long it holds (default: 90)')
  .action((name: string, options: { scopes?: string; days?: string }) =>
    online((client, output) => token.create(client, output, name, options)),
  )
tokens.command('list', { isDefault: true }).action(() => online(token.list))
tokens
  .command('revoke')
  .argument('<id>')
  .action((id: string) => online((client, output) => token.revoke(client, output, id)))

program
  .command('user')
  .description('who may sign in')
  .command('create')
  .description('make an invitation that one person can sign up with')
  .option('--operate', 'the person may run the installation, too')
  .option('--days <n>', 'how long it holds (default: 7)')
  .action((options: { operate?: boolean; days?: string }) =>
    online((client, output) => invite(client, output, options)),
  )

program
  .command('key')
  .description('keys of access tokens')
  .command('rotate')
  .description('sign access tokens with a new key')
  .action(() => online(rotateKey))

const log = program.command('audit').description('what was done, and by whom, in a log that can only be added to')
log
  .command('verify')
  .description('check that every row is as it was written')
  .action(() => online(audit.verify))
log
  .command('list', { isDefault: true })
  .option('--limit <n>')
  .action((options: { limit?: string }) => online((client, output) => audit.list(client, output, options)))

program
  .command('doctor')
  .description('look at the installation and say what is wrong')
  .action(() => run(({ config, output, log }) => doctor(config, output, log)))

await program.parseAsync()
