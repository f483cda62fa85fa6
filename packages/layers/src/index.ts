export { type Conv, conv, convStart } from './conv.ts'
export { type Dense, dense, denseStart, mlp, mlpStart } from './dense.ts'
export { gruCell, gruStart } from './gru.ts'
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initial,
  normalOf,
  orthogonal,
  recurrentUniform,
  type Starting,
  uniformOf,
  zerosOf,
} from './initial.ts'
export { binaryCrossEntropy, crossEntropy, huber, meanSquaredError } from './losses.ts'
export { type LstmState, lstmCell, lstmStack, lstmStackStart, lstmStart, lstmState } from './lstm.ts'
export type { Recurrent } from './recurrent.ts'
