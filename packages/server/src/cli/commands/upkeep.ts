import { constants } from 'node:fs'
import { access, copyFile, readFile, stat, statfs, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { asAurenError, isAurenError } from '@auren/core'
import { restore as readBackup, backup as writeBackup } from '@auren/plugins/pglite'
import type { Config } from '../../config.js'
import type { Logger } from '../../log.js'
import { type Addresses, createClient } from '../client.js'
import { bytes, type Output, table } from '../output.js'
import { runningAt } from '../running.js'
import { withClient } from '../session.js'

/** Writes a backup: by the running server where there is one, else from the folder. */
export async function backup(
  config: Config,
  output: Output,
  file: string | undefined,
  options: { withKey?: boolean },
): Promise<number> {
  const target = file === undefined ? undefined : resolve(file)
  const running = await runningAt(config.dataDir)
  const written = running
    ? await backupOf(running, target)
    : await writeBackup({ dataDir: config.dataDir, ...(target === undefined ? {} : { file: target }) })
  const key = options.withKey ? `${written.file}.key` : null
  if (key !== null)
    await writeFile(key, await readFile(join(config.dataDir, 'master.key'), 'utf8'), { mode: 0o600, flag: 'wx' })
  if (output.json) output.data({ ...written, key })
  else {
    output.print(`${written.file} (${bytes(written.bytes)})`)
    output.note(
      key
        ? `The key is in ${key}: keep it elsewhere.`
        : 'The key is not in it: without master.key of the data folder nobody can read its words. Keep that elsewhere.',
    )
  }
  return 0
}

/** The server writes into its own folder only; where to copy it is the caller's affair. */
async function backupOf(running: Addresses, target: string | undefined): Promise<{ file: string; bytes: number }> {
  const made = await createClient(running).call<{ file: string; bytes: number }>('neuros', 'POST', '/v1/backups')
  if (target === undefined) return made
  await copyFile(made.file, target, constants.COPYFILE_EXCL)
  return { file: target, bytes: made.bytes }
}

/** Restores a backup into a folder without a database. */
export async function restore(
  config: Config,
  output: Output,
  file: string,
  options: { key?: string },
): Promise<number> {
  await readBackup({
    dataDir: config.dataDir,
    file: resolve(file),
    ...(options.key === undefined ? {} : { keyFile: resolve(options.key) }),
  })
  if (output.json) output.data({ restored: config.dataDir })
  else output.print(`Restored into ${config.dataDir}`)
  return 0
}

type Finding = { check: string; ok: boolean | null; text: string }

/** Looks at the installation, and says what is wrong and what to do. Exit code 1 where something is. */
export async function doctor(config: Config, output: Output, log: Logger): Promise<number> {
  const findings: Finding[] = [node(), await folder(config), await disk(config), power()]
  findings.push(...(await inside(config, log)))
  if (output.json) output.data(findings)
  else output.print(table(findings.map(({ check, ok, text }) => [ok === null ? '·' : ok ? '✓' : '✗', check, text])))
  return findings.some((finding) => finding.ok === false) ? 1 : 0
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return { check: 'Node', ok, text: ok ? process.versions.node : `${process.versions.node}: install 20.19 or newer` }
}

async function folder(config: Config): Promise<Finding> {
  const check = 'data folder'
  try {
    await access(config.dataDir, constants.R_OK | constants.W_OK)
    const key = await stat(join(config.dataDir, 'master.key')).catch(() => null)
    if (key && process.platform !== 'win32' && (key.mode & 0o077) !== 0) {
      return { check, ok: false, text: `others can read ${join(config.dataDir, 'master.key')}: chmod 600 it` }
    }
    return { check, ok: true, text: config.dataDir }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return {
      check,
      ok: missing ? null : false,
      text: missing
        ? `${config.dataDir} is not there yet; it is made at the first start`
        : `${config.dataDir} cannot be read and written`,
    }
  }
}

async function disk(config: Config): Promise<Finding> {
  const found = await statfs(config.dataDir).catch(() => null)
  if (!found) return { check: 'disk', ok: null, text: 'not known' }
  const free = found.bavail * found.bsize
  return {
    check: 'disk',
    ok: free > 1e9,
    text: `${bytes(free)} free${free > 1e9 ? '' : ': less than 1 GB, make room'}`,
  }
}

function power(): Finding {
  return {
    check: 'power',
    ok: null,
    text: 'commits are forced to the disk; keep backups all the same (auren backup)',
  }
}

async function inside(config: Config, log: Logger): Promise<Finding[]> {
  const there = await stat(join(config.dataDir, 'master.key')).catch(() => null)
  if (!there) return []
  try {
    return await withClient(
      config,
      log,
      () => undefined,
      async (client) => {
        const health = await client.call<{ status: string }>('neuros', 'GET', '/readyz')
        const text = await client.raw('neuros', '/metrics').then((body) => new Response(body).text())
        const value = (name: string): number =>
          Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
        const waiting = value('auren_outbox_waiting')
        const aside = value('auren_quarantine_open')
        return [
          { check: 'database', ok: health.status === 'ready', text: health.status },
          {
            check: 'waiting',
            ok: null,
            text: waiting === 0 ? 'everything accepted is stored' : `${waiting} envelopes accepted and not yet stored`,
          },
          { check: 'set aside', ok: null, text: aside === 0 ? 'nothing' : `${aside} items: auren quarantine list` },
        ]
      },
    )
  } catch (cause) {
    const error = isAurenError(cause) ? cause : asAurenError(cause)
    return [{ check: 'database', ok: false, text: `${error.message} (${error.code})` }]
  }
}
