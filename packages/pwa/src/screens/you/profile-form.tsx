import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { writeProfile } from '../../api/neuros'
import type { Profile } from '../../api/wire'
import { client } from '../../parts/queries'
import { Failed } from '../../parts/say'
import styles from './you.module.css'

/** Languages and ways of writing dates and numbers that can be chosen; the answers themselves are English. */
const locales = [
  { locale: 'en-GB', name: '23 Nov 2026, 1,234.5' },
  { locale: 'en-US', name: 'Nov 23, 2026, 1,234.5' },
  { locale: 'en-DE', name: '23 Nov 2026, 1.234,5' },
]

/** Zones that this browser knows. */
const zones: readonly string[] = Intl.supportedValuesOf('timeZone')

/** What the form holds: text, as fields have it. */
interface Fields {
  zone: string
  birthDate: string
  sex: string
  units: string
  locale: string
  restingHeartRate: string
  maximalHeartRate: string
}

function fieldsOf(profile: Profile): Fields {
  return {
    zone: profile.zones?.at(-1)?.zone ?? '',
    birthDate: profile.birthDate ?? '',
    sex: profile.sex ?? '',
    units: profile.units ?? '',
    locale: profile.locale ?? '',
    restingHeartRate: profile.restingHeartRate?.toString() ?? '',
    maximalHeartRate: profile.maximalHeartRate?.toString() ?? '',
  }
}

/** The profile that the fields say; a new zone holds from now on, so that past days keep theirs. */
export function profileOf(before: Profile, fields: Fields, now: number): Profile {
  const zones = before.zones ?? []
  const moved = fields.zone !== '' && fields.zone !== zones.at(-1)?.zone
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text))
  const all: Profile = {
    ...(before.ranks ? { ranks: before.ranks } : {}),
    // The first zone that is told holds for all time before as well.
    zones: moved ? [...zones, { from: zones.length === 0 ? 0 : now, zone: fields.zone }] : zones,
    birthDate: fields.birthDate || undefined,
    sex: (fields.sex || undefined) as Profile['sex'],
    units: (fields.units || undefined) as Profile['units'],
    locale: fields.locale || undefined,
    restingHeartRate: number(fields.restingHeartRate),
    maximalHeartRate: number(fields.maximalHeartRate),
  }
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
}

/** What the person says about themselves. */
export function ProfileForm({ profile }: { profile: Profile }) {
  const [fields, setFields] = useState(() => fieldsOf(profile))
  const save = useMutation({
    mutationFn: () => writeProfile(profileOf(profile, fields, Date.now())),
    // Units, zone and locale change everything that is shown.
    onSuccess: () => client.invalidateQueries(),
  })
  const set = (change: Partial<Fields>) => {
    save.reset()
    setFields((before) => ({ ...before, ...change }))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form className={styles.profile} onSubmit={submit}>
      <label className="field">
        Time zone
        <input
          type="text"
          list="zones"
          value={fields.zone}
          onChange={(event) => set({ zone: event.currentTarget.value })}
        />
        <small>Where a day begins for you. A change holds from now on.</small>
        <datalist id="zones">
          {zones.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </label>
      <label className="field">
        Units
        <select value={fields.units} onChange={(event) => set({ units: event.currentTarget.value })}>
          <option value="">Not said (metric)</option>
          <option value="metric">Metric</option>
          <option value="imperial">Imperial</option>
        </select>
      </label>
      <label className="field">
        Dates and numbers
        <select value={fields.locale} onChange={(event) => set({ locale: event.currentTarget.value })}>
          <option value="">Not said (23 Nov 2026)</option>
          {locales.map(({ locale, name }) => (
            <option key={locale} value={locale}>
              {name}
            </option>
          ))}
          {fields.locale !== '' && !locales.some(({ locale }) => locale === fields.locale) && (
            <option value={fields.locale}>{fields.locale}</option>
          )}
        </select>
      </label>
      <label className="field">
        Date of birth
        <input
          type="date"
          value={fields.birthDate}
          onChange={(event) => set({ birthDate: event.currentTarget.value })}
        />
      </label>
      <label className="field">
        Sex
        <select value={fields.sex} onChange={(event) => set({ sex: event.currentTarget.value })}>
          <option value="">Not said</option>
          <option value="female">Female</option>
          <option value="male">Male</option>
          <option value="other">Other</option>
        </select>
      </label>
      <label className="field">
        Resting heart rate, bpm
        <input
          type="number"
          min={20}
          max={150}
          value={fields.restingHeartRate}
          onChange={(event) => set({ restingHeartRate: event.currentTarget.value })}
        />
      </label>
      <label className="field">
        Highest heart rate, bpm
        <input
          type="number"
          min={80}
          max={260}
          value={fields.maximalHeartRate}
          onChange={(event) => set({ maximalHeartRate: event.currentTarget.value })}
        />
      </label>
      <div className={styles.save}>
        {save.error && <Failed error={save.error} />}
        <p role="status">{save.isSuccess ? 'Saved.' : ''}</p>
        <button type="submit" className="button primary" disabled={save.isPending}>
          Save
        </button>
      </div>
    </form>
  )
}
