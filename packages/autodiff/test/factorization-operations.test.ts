import { derivativeLaws } from './derivative-laws.ts'
import { factorizationCases } from './factorization-cases.ts'

derivativeLaws(factorizationCases)
