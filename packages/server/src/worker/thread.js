// Where the thread begins that does the work of an embedded server. Plain JavaScript, because a Worker starts from a
// file and this one is the same file in source and in the package.
import { workerData } from 'node:worker_threads'

// From source, TypeScript is compiled as it is loaded, which a thread has to be told anew.
if (workerData.source) (await import('tsx/esm/api')).register()
const { work } = await import('@auren/server')
await work(workerData)
