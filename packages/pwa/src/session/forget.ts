/** What stays in this browser when a person leaves it: the shade it is looked at in, and that nobody is signed in. */
const kept = new Set(['auren.theme', 'auren.session'])

/**
 * Empties everything of this origin in which something of a person could be: storages, databases, caches. The shell
 * stays, so that the app still opens offline: scripts, styles and icons, the same for everybody.
 */
export async function forget(): Promise<void> {
  sessionStorage.clear()
  for (const key of Object.keys(localStorage)) if (!kept.has(key)) localStorage.removeItem(key)
  // A browser that refuses one of them must not keep the others from being emptied.
  await Promise.allSettled([forgetDatabases(), forgetCaches()])
}

async function forgetDatabases(): Promise<void> {
  for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name)
}

async function forgetCaches(): Promise<void> {
  const names = (await caches.keys()).filter((name) => !name.startsWith('workbox-precache'))
  await Promise.all(names.map((name) => caches.delete(name)))
}
