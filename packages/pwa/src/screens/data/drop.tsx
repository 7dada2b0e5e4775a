import { type DragEvent, useState } from 'react'
import { formatBytes, formatNumber } from '../../parts/format'
import { Icon } from '../../parts/icons'
import { useReader } from '../../parts/queries'
import { Say } from '../../parts/say'
import styles from './data.module.css'
import { cancelUpload, type Upload, upload, useUpload } from './upload'

/** Where a file is dropped or chosen; then, how its upload goes. */
export function Drop() {
  const state = useUpload()
  const busy = state.phase !== 'idle' && state.phase !== 'failed'
  return (
    <div className={styles.door}>
      {busy ? <Sending upload={state} /> : <Target />}
      {state.phase === 'failed' && <Say tone="danger">{state.error}</Say>}
    </div>
  )
}

function Target() {
  const [over, setOver] = useState(false)
  const drag = (event: DragEvent, inside: boolean) => {
    event.preventDefault()
    setOver(inside)
  }
  return (
    <label
      className={`${styles.target} ${over ? styles.over : ''}`}
      onDragEnter={(event) => drag(event, true)}
      onDragOver={(event) => drag(event, true)}
      onDragLeave={(event) => drag(event, false)}
      onDrop={(event) => {
        drag(event, false)
        const [file] = event.dataTransfer.files
        if (file) void upload(file)
      }}
    >
      <input
        type="file"
        className="hidden"
        accept=".zip,.xml,application/zip,text/xml"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          if (file) void upload(file)
          event.currentTarget.value = ''
        }}
      />
      <Icon name="data" size={32} />
      <strong>Drop an export file here, or choose one</strong>
      <span>
        Apple Health: open the Health app, tap your picture, then “Export All Health Data”. Choose the export.zip that
        it makes, or the export.xml inside. Any size. The archives that Fitbit, Garmin, Oura, Polar, WHOOP, Withings and
        others give you on request are recognised, too.
      </span>
    </label>
  )
}

const phases: Readonly<Record<Upload['phase'], string>> = {
  idle: '',
  preparing: 'Looking at the file',
  uploading: 'Uploading',
  waiting: 'The connection is away; going on as soon as it is back',
  starting: 'Starting the import',
  failed: '',
}

function Sending({ upload: { phase, name, size, sent, resumed } }: { upload: Upload }) {
  const { locale } = useReader()
  const share = size > 0 ? sent / size : 0
  return (
    <div className={styles.sending}>
      <div className={styles.head}>
        <Icon name="file" />
        <strong>{name}</strong>
        <button type="button" className="button plain quiet" onClick={() => void cancelUpload()}>
          Cancel
        </button>
      </div>
      <progress value={share} max={1} aria-label={`Upload of ${name}`} />
      <p className="quiet" role="status">
        {phases[phase]}
        {resumed && phase === 'uploading' && ', from where it broke off'}
      </p>
      <p className="quiet">
        {formatBytes(sent, locale)} of {formatBytes(size, locale)} ({formatNumber(share * 100, 0, locale)} %). If this
        page is closed, choose the same file again and it goes on.
      </p>
    </div>
  )
}
