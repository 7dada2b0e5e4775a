import { holdGuarantees } from './faults/guarantees.js'

holdGuarantees('PostgreSQL', 'table')
holdGuarantees('PostgreSQL, Kafka, Redis', 'kafka')
