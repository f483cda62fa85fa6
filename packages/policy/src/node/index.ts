export { type Threads, threads, type Workshop } from './threads.ts'
