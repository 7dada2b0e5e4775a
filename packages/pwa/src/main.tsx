import './tokens.css'
import './base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { registerWorker } from './offline/worker'
import { client } from './parts/queries'
import { applyTheme } from './parts/theme'
import { watchSession } from './session/enter'
import { beginSession, onSession, sessionState } from './session/state'

applyTheme()
registerWorker()
beginSession()
watchSession()
window.addEventListener('hashchange', () => {
  if (/^#(invite|signin)=/.test(window.location.hash)) beginSession()
})
// Answers that were refused, or are somebody's who leaves, are not shown to whoever comes next.
onSession(() => {
  if (sessionState() === 'out' || sessionState() === 'leaving') client.clear()
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  )
}
