import { describe, expect, it } from 'vitest'
import { runInFewArenas } from '../bin/few-arenas.js'

type Call = [file: string, args: string[], env: NodeJS.ProcessEnv]

function asked(self: { platform?: NodeJS.Platform; env?: NodeJS.ProcessEnv; can?: boolean }): Call[] {
  const calls: Call[] = []
  runInFewArenas('/app/cli.js', ['start', '--pwa', 'no where'], {
    platform: self.platform ?? 'linux',
    env: self.env ?? { PATH: '/bin' },
    execPath: '/bin/node',
    execArgv: ['--enable-source-maps'],
    ...(self.can === false ? {} : { execve: (...call: Call) => calls.push(call) }),
  })
  return calls
}

describe('the server in two arenas', () => {
  it('becomes the same command with the setting, and everything else as it was', () => {
    expect(asked({})).toEqual([
      [
        '/bin/node',
        ['/bin/node', '--enable-source-maps', '/app/cli.js', 'start', '--pwa', 'no where'],
        { PATH: '/bin', MALLOC_ARENA_MAX: '2' },
      ],
    ])
  })

  it('stays as it is where it was said already, where Node cannot, and on other systems', () => {
    expect(asked({ env: { MALLOC_ARENA_MAX: '8' } })).toEqual([])
    expect(asked({ can: false })).toEqual([])
    expect(asked({ platform: 'darwin' })).toEqual([])
    expect(asked({ platform: 'win32' })).toEqual([])
  })
})
