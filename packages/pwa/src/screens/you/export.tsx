import { useMutation } from '@tanstack/react-query'
import { readExport } from '../../api/account'
import { exportAddress } from '../../api/neuros'
import { messageOf } from '../../api/problem'
import { useSession } from '../../session/state'
import styles from './you.module.css'

const FILE = 'auren-export.ndjson'

/** Everything as a file. A link cannot say who asks, so for somebody who is signed in the page fetches it. */
export function Export() {
  const session = useSession()
  const save = useMutation({ mutationFn: async () => keep(await readExport()) })
  if (session !== 'in')
    return (
      <a className="button" href={exportAddress} download={FILE}>
        Export everything
      </a>
    )
  return (
    <div className={styles.export}>
      <button type="button" className="button" disabled={save.isPending} onClick={() => save.mutate()}>
        {save.isPending ? 'Exporting …' : 'Export everything'}
      </button>
      {save.error && <p role="alert">{messageOf(save.error)}</p>}
    </div>
  )
}

function keep(file: Blob): void {
  const url = URL.createObjectURL(file)
  Object.assign(document.createElement('a'), { href: url, download: FILE }).click()
  // The browser has taken it over by then; held longer, it would lie in memory.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
