import { derivativeLaws } from './derivative-laws.ts'
import { structuralCases } from './structural-cases.ts'

derivativeLaws(structuralCases)
