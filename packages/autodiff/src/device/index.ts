export { onDevice } from './on-device.ts'
export { type DeviceRule, deviceRules } from './rules.ts'
export { type Prepare, type Ready, twinBy } from './twin.ts'
