import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { installDebian, keepFolder, run, say, servicesFolder, which } from './install.js'
import { controlServer, freePort, type Server } from './server.js'

/** The newest that was measured; `scripts/services kafka --version …` takes others. */
export const kafkaVersion = '4.4.0'

/** Which broker, and where. */
export interface KafkaOptions {
  version?: string
  /** Default: a fresh one for temporary files. */
  folder?: string
  port?: number
  /** Lines of server.properties beside the defaults. */
  settings?: Record<string, string>
  outlive?: boolean
}

const recipe = resolve(import.meta.dirname, '../kafka-jars')

/** Starts one node that is broker and controller (KRaft), on 127.0.0.1 only. */
export async function startKafka(options: KafkaOptions = {}): Promise<Server> {
  const version = options.version ?? kafkaVersion
  const libs = findJars(version)
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'auren-kafka-'))
  mkdirSync(folder, { recursive: true })
  const port = options.port ?? (await freePort())
  const properties = join(folder, 'server.properties')
  const java = [
    ...['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    isFour(version)
      ? `-Dlog4j2.configurationFile=file:${recipe}/log4j2.properties`
      : `-Dlog4j.configuration=file:${recipe}/reload4j.properties`,
    ...['-cp', `${libs}/*`],
  ]
  if (!existsSync(properties)) {
    const settings = { ...defaults(port, await freePort(), folder), ...options.settings }
    writeFileSync(
      properties,
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    // Must not begin with a dash, which the tool would take for an option.
    const cluster = `A${randomBytes(16).toString('base64url').slice(1)}`
    run('java', [...java, 'kafka.tools.StorageTool', 'format', `--cluster-id=${cluster}`, '-c', properties])
  }
  const address = `127.0.0.1:${port}`
  const server = controlServer({
    name: `kafka ${version}`,
    address,
    port,
    folder,
    command: 'java',
    args: [...java, 'kafka.Kafka', properties],
    signal: 'SIGTERM',
    patience: 120_000,
    outlive: options.outlive ?? false,
    probe: () => describe(address),
  })
  await server.start()
  return server
}

const isFour = (version: string): boolean => Number.parseInt(version, 10) >= 4

function defaults(port: number, controller: number, folder: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    'num.partitions': '3',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A test may have its consumer given up after a second.
    'group.min.session.timeout.ms': '500',
    // A broker that was killed is let in again when its own session is over: 9 s by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'log.cleaner.dedupe.buffer.size': '1048577',
  }
}

/** Folder with the broker's jars, from Maven Central where they are missing. */
export function findJars(version: string): string {
  if (which('java') === null) installDebian(['default-jre-headless'], 'Java 17')
  return keepFolder(join(servicesFolder, 'kafka', version, 'libs'), (into) => {
    if (which('mvn') === null) installDebian(['maven'], 'Maven')
    say(`getting the jars of Kafka ${version} with Maven`)
    run('mvn', [
      ...['-B', '-q', '-f', join(recipe, 'pom.xml'), isFour(version) ? '-Pkafka4' : '-Pkafka3', `-Dkafka=${version}`],
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies',
      ...['-DincludeScope=runtime', `-DoutputDirectory=${into}`],
    ])
  })
}

/** An open port says little: the broker answers when it knows its cluster. */
async function describe(address: string): Promise<void> {
  const admin = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    if (brokers.length === 0) throw new Error('the broker is not registered yet')
  } finally {
    await admin.disconnect()
  }
}
