/** Where the services are, as the deployment sets it at build time. */
interface ImportMetaEnv {
  readonly VITE_NEUROS_URL?: string
  readonly VITE_BIOMETRIC_URL?: string
}
