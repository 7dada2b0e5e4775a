import { cp, mkdtemp, rm } from 'node:fs/promises'
import { trappedExport } from '/work/main/packages/server/test/kill/export.ts'
import { prepare, survive } from '/work/main/packages/server/test/kill/survive_dbg.ts'
const t0=Date.now(); const lap=(s:string)=>console.log(((Date.now()-t0)/1000).toFixed(1), s)
const bytes = trappedExport(Number(process.argv[2] ?? 9000), 5)
const base = await mkdtemp('/tmp/auren-kill-')
const id = await prepare(base, bytes); lap('prepared')
const d = await mkdtemp('/tmp/auren-kill-'); await cp(base,d,{recursive:true}); lap('copied')
;(globalThis as any).lap = lap
console.log(await survive(d, id, process.argv[3] ? JSON.parse(process.argv[3]) : [])); lap('done')
await rm(base,{recursive:true}); await rm(d,{recursive:true})
