// Health check of a container: node healthcheck.mjs <port>. Healthy is who can keep the promise (/readyz says 200).
const answer = await fetch(`http://127.0.0.1:${process.argv[2] ?? 8000}/readyz`, { signal: AbortSignal.timeout(5000) })
process.exitCode = answer.ok ? 0 : 1
