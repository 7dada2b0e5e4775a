/** The ladder from days to years: pure functions of tier 2, built again only where something changed. */
export * from './abstract.js'
export * from './chapters.js'
export * from './contexts.js'
export * from './inputs.js'
export * from './ports.js'
export * from './seasons.js'
export * from './store.js'
