export { type Missing, type ReadError, type Reference, readMnist, readReferences, readTable } from './files.ts'
export { breastCancer, digits, iris, mnistMlp, mnistTinyCnn, wine } from './ready-made.ts'
