export * from './cwss/training.ts'
