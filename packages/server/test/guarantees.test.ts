import { holdGuarantees } from './faults/guarantees.js'

holdGuarantees('embedded', 'embedded')
