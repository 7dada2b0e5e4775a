import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const workSeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const waitSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10]
const questionSeconds = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60]

/** Everything that a process counts. No label holds an id, a name that somebody chose, or a value. */
export type Instruments = ReturnType<typeof createInstruments>

/** A registry with all instruments, those of Node (event loop, heap, garbage collection, CPU) included. */
export function createInstruments() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const gauge = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers })
  const counter = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers })
  const histogram = <L extends string = never>(name: string, help: string, buckets: number[], labelNames: L[] = []) =>
    new Histogram<L>({ name, help, buckets, labelNames, registers })
  return {
    registry,
    http: {
      seconds: histogram(
        'auren_http_request_duration_seconds',
        'Time from the request to the end of the answer; status 499: the other side left',
        requestSeconds,
        ['service', 'method', 'route', 'status'],
      ),
      running: gauge('auren_http_requests_running', 'Requests being answered', ['service']),
    },
    door: {
      deliveries: counter('auren_deliveries_total', 'Deliveries that were committed', ['provider']),
      duplicates: counter('auren_deliveries_duplicate_total', 'Deliveries that had been committed before', [
        'provider',
      ]),
      accepted: counter('auren_observations_accepted_total', 'Observations accepted', ['provider']),
      quarantined: counter('auren_observations_quarantined_total', 'Observations set aside on the way in', [
        'provider',
      ]),
    },
    log: {
      relaySeconds: histogram(
        'auren_relay_publish_duration_seconds',
        'Time until the log acknowledged envelopes',
        workSeconds,
        ['log'],
      ),
      relayed: counter('auren_relay_envelopes_total', 'Envelopes that got their place in the log', ['log']),
      batchSeconds: histogram('auren_consumer_batch_duration_seconds', 'Time of a consumer’s transaction', workSeconds),
      envelopes: counter('auren_consumer_envelopes_total', 'Envelopes that the consumer has stored or set aside'),
      observations: counter('auren_consumer_observations_total', 'Observations in those envelopes'),
      setAside: counter('auren_consumer_quarantined_total', 'What the consumer has set aside'),
      stuck: counter('auren_work_failures_total', 'Failures of relay, consumer and job runner that are tried again', [
        'part',
        'code',
      ]),
    },
    jobs: {
      seconds: histogram('auren_job_duration_seconds', 'Time of one attempt at a job', workSeconds, ['kind']),
      ended: counter('auren_jobs_ended_total', 'Attempts at jobs by how they ended', ['kind', 'state']),
    },
    neuros: {
      questionSeconds: histogram(
        'auren_question_duration_seconds',
        'Time from a question to the last part of its answer',
        questionSeconds,
        ['outcome'],
      ),
      nodeFailures: counter('auren_node_failures_total', 'Nodes of NEUROS that failed or ran out of time', [
        'node',
        'code',
      ]),
      modelSeconds: histogram(
        'auren_model_call_duration_seconds',
        'Time of a call of the language model',
        questionSeconds,
        ['model'],
      ),
      modelFailures: counter('auren_model_failures_total', 'Calls of the language model that failed', [
        'model',
        'code',
      ]),
      modelTokens: counter('auren_model_tokens_total', 'Tokens as the model’s endpoint counted them', [
        'model',
        'direction',
      ]),
    },
    memory: {
      hot: counter('auren_hot_reads_total', 'Looks into tier 1: hit, stale or miss', ['outcome']),
      sqlWait: histogram('auren_sql_wait_seconds', 'Time that a transaction waited for a connection', waitSeconds, [
        'lane',
      ]),
      sqlRefused: counter('auren_sql_refused_total', 'Transactions that got no connection', ['lane', 'code']),
    },
    disk: {
      available: gauge('auren_disk_available_bytes', 'Free space where the data is, as this process sees it'),
      size: gauge('auren_disk_size_bytes', 'Size of the disk where the data is, as this process sees it'),
    },
    journal: {
      up: gauge('auren_store_up', '1 where the store answered this scrape, else 0'),
      waiting: gauge('auren_outbox_waiting', 'Envelopes accepted and not yet stored'),
      oldest: gauge('auren_outbox_oldest_seconds', 'Age of the oldest envelope that is not yet stored'),
      quarantined: gauge('auren_quarantine_open', 'Items set aside and not replayed'),
      jobs: gauge('auren_jobs_waiting', 'Jobs that run, or are due and wait'),
      difference: gauge(
        'auren_reconciliation_difference',
        'Envelopes accepted, less those stored or set aside, less those that wait: 0 where nothing is lost',
      ),
      accepted: counter('auren_envelopes_accepted_total', 'Envelopes accepted since the beginning'),
      stored: counter('auren_envelopes_stored_total', 'Envelopes stored or set aside since the beginning'),
      published: counter('auren_envelopes_published_total', 'Envelopes that a bus acknowledged, each time'),
      duplicates: counter('auren_log_duplicates_dropped_total', 'Records of the log that led to nothing new'),
      behind: gauge('auren_log_behind', 'Records of the log that the consumers have not taken in'),
      connected: gauge('auren_log_connected', '1 where the log can be reached, else 0', ['log']),
      dropped: gauge('auren_log_dropped', 'Records below their place that this process has dropped since it began'),
    },
  }
}
