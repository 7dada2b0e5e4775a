// The bare bones of accepting: express, raw body, one insert that commits. Its address is printed when it listens.
import express from 'express'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, application_name: 'bare', max: 10 })
await pool.query('create table if not exists bare (id int8 generated always as identity, body bytea not null)')
const app = express()
app.use(express.raw({ type: () => true, limit: '4mb' }))
app.post('/webhooks/oura', async (request, response) => {
  await pool.query('insert into bare (body) values ($1)', [request.body])
  response.status(200).end()
})
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '')
})
process.once('SIGTERM', () => process.exit(0))
