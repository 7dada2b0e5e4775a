/**
 * Becomes another run of Node with `MALLOC_ARENA_MAX=2`, where the system has this setting and Node can do so (22.15 and
 * later); otherwise nothing happens. glibc gives each thread an arena to allocate from, and what a thread gave back stays
 * in its arena: with the database, the work and V8's helpers in threads of their own, an import of years stood at twice
 * the memory for no time that was gained. Whoever sets the variable has the last word. The process keeps its id, so that
 * signals still reach the server itself.
 * @param {string} script file that runs then
 * @param {string[]} args its arguments
 * @param {Pick<NodeJS.Process, 'platform' | 'env' | 'execPath' | 'execArgv'> & { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void }} self
 */
export function runInFewArenas(script, args, self = process) {
  const { platform, env, execPath, execArgv } = self
  if (platform !== 'linux' || env.MALLOC_ARENA_MAX !== undefined || self.execve === undefined) return
  self.execve(execPath, [execPath, ...execArgv, script, ...args], { ...env, MALLOC_ARENA_MAX: '2' })
}
