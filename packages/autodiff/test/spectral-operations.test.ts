import { derivativeLaws } from './derivative-laws.ts'
import { spectralCases } from './spectral-cases.ts'

derivativeLaws(spectralCases)
