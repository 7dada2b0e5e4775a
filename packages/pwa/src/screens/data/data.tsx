import type { ImportView } from '../../api/wire'
import { Page, Section } from '../../parts/page'
import { useImports } from '../../parts/queries'
import { Failed, Waiting } from '../../parts/say'
import { Connections } from './connections'
import styles from './data.module.css'
import { Drop } from './drop'
import { ImportRow } from './import-row'
import { useUpload } from './upload'

/** How data comes in: files, and connections to vendors. */
export default function Data() {
  const imports = useImports()
  const upload = useUpload()
  // The upload that is shown above is not shown again below.
  const listed = imports.data?.filter(({ id }) => id !== upload.id) ?? []
  return (
    <Page title="Data" lead="Bring in what your devices have measured. Everything stays with your AUREN.">
      <Drop />
      {imports.error ? (
        <Failed error={imports.error} onRetry={() => void imports.refetch()} />
      ) : !imports.data ? (
        <Waiting what="Reading your imports" lines={1} />
      ) : (
        <Section title="Imports">
          {listed.length === 0 ? (
            <p className="quiet">Nothing has been imported yet.</p>
          ) : (
            <ul className={styles.list}>
              {listed.map((view: ImportView) => (
                <li key={view.id}>
                  <ImportRow listed={view} />
                </li>
              ))}
            </ul>
          )}
        </Section>
      )}
      <Connections />
    </Page>
  )
}
