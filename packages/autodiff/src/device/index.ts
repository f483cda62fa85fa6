export { onDevice } from './on-device.ts'
export { type DeviceRule, deviceRules } from './rules.ts'
