import { Section } from '../../parts/page'
import { readMark } from '../../session/state'
import { mayOperate } from '../../session/token'
import { Consents } from './consents'
import { Invite } from './invite'
import { PasswordChange } from './password-change'
import { SignIns } from './sign-ins'
import { Tokens } from './tokens'

/** What somebody who is signed in looks after: devices, password, programs, consents. */
export default function Account() {
  return (
    <>
      <Section title="Signing in" lead="Where you are signed in. A sign-in ends by itself after 30 days.">
        <SignIns />
        {readMark() === 'provider' ? (
          <p className="quiet">You sign in at a provider: your password is changed there.</p>
        ) : (
          <PasswordChange />
        )}
        {mayOperate() && <Invite />}
      </Section>
      <Section
        title="Programs"
        lead="A token lets a program of yours speak for you, within its scope and until it expires."
      >
        <Tokens />
      </Section>
      <Section
        title="Consents"
        lead="Using your own data for yourself is allowed until you say otherwise. What you withdraw stops at once."
      >
        <Consents />
      </Section>
    </>
  )
}
