export { onDevice } from './on-device.ts'
