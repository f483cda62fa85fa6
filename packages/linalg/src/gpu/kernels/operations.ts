/** Operations as kernels. The text of a kernel depends on the kind of operation, sizes are its scalars. */
import { type Elementwise, maximum, minimum } from '../elementwise.ts'
import type { Gather, Operation, Pointwise, Product, RankTwo, Reduce, Stack, TakeRows } from '../operation.ts'
import type { Arithmetic } from './arithmetic.ts'
import { scratch } from './exponential.ts'
import { fusedLaunch } from './fused.ts'
import { divide, type Kernel, type Launch, whole } from './kernel.ts'

const product = ({ transposeA, transposeB, batch, m, k, n, alpha, added }: Product): Launch => {
  const [rowA, columnA] = transposeA ? ['blockA + i', 'row'] : ['y', 'i']
  const [rowB, columnB] = transposeB ? ['blockB + x', 'i'] : ['blockB + i', 'x']
  const kernel: Kernel = {
    name: `product${transposeA ? ' of transpose' : ''}${transposeB ? ' by transpose' : ''}${added ? ', added' : ''}`,
    matrices: added ? ['a', 'b', 'c'] : ['a', 'b'],
    scalars: ['m', 'inner', 'alpha', 'alphaL'],
    body: (a) => `
      ${whole('block', 'row', 'line')} line = y; ${divide('block', 'row', 'line', 'm')}
      let blockA = block * inner; let blockB = block * ${transposeB ? 'columns' : 'inner'};
      ${a.declare('p', 'q')}
      for (let i = 0; i < inner; i++) {
        ${a.load('p', 'a', rowA, columnA)} ${a.load('q', 'b', rowB, columnB)}
        ${a.multiply('p', 'p', 'q')} ${a.add('r', 'r', 'p')}
      }
      ${added ? `${parameter(a, 'q', 'alpha')} ${a.multiply('r', 'r', 'q')} ${a.load('p', 'c', 'y', 'x')} ${a.add('r', 'r', 'p')}` : ''}`,
  }
  return { kernel, scalars: [m, k, ...halves(alpha)], rows: batch * m, columns: n }
}

/** A number of the host as two scalars; the second is used in double-single. */
const halves = (value: number): readonly [number, number] => [Math.fround(value), value - Math.fround(value)]

const parameter = (a: Arithmetic, to: string, scalar: string): string =>
  a.width === 1 ? `${to} = ${scalar};` : `${to} = ${scalar}; ${to}L = ${scalar}L;`

const names = (a: Arithmetic, f: Elementwise): string => (f.scratch ? scratch(a) : '')
const applied = (a: Arithmetic, f: Elementwise): string => f.kernel(a, 'r', 'p', 'q', 's')

const pointwise = ({ f, rows, columns, spreads }: Pointwise): Launch => {
  const letters = ['p', 'q', 's'].slice(0, f.arity)
  const plain = spreads.every(({ after, middle, step }) => after === 1 && middle === rows && step === 1)
  const kernel: Kernel = {
    name: `${f.name}${plain ? '' : ', spread'}`,
    matrices: letters.map((letter) => `m${letter}`),
    scalars: plain ? [] : letters.flatMap((letter) => [`${letter}After`, `${letter}Middle`, `${letter}Step`]),
    body: (a) =>
      plain
        ? `${names(a, f)} ${a.declare(...letters)} ${letters.map((letter) => a.load(letter, `m${letter}`, 'y', 'x')).join(' ')} ${applied(a, f)}`
        : `${names(a, f)} ${a.declare(...letters)} ${whole('line', 'quotient', 'rest', 'block', 'column')}
      ${letters
        .map(
          (letter) => `line = y; ${divide('quotient', 'rest', 'line', `${letter}After`)}
      ${divide('block', 'rest', 'quotient', `${letter}Middle`)} column = x * ${letter}Step;
      ${a.load(letter, `m${letter}`, 'rest', 'column')}`,
        )
        .join(' ')}
      ${applied(a, f)}`,
  }
  const scalars = plain ? [] : spreads.flatMap(({ after, middle, step }) => [after, middle, step])
  return { kernel, scalars, rows, columns }
}

const reduce = ({ fold, way, length, rows, columns }: Reduce): Launch => {
  const places = {
    'along rows': { start: '', row: 'y * columns + x', column: 'i', count: 'length' },
    'in chunks': { start: 'let from = x * length;', row: 'y', column: 'from + i', count: 'count' },
    'down columns': { start: 'let from = y * length;', row: 'from + i', column: 'x', count: 'length' },
  } as const
  const { start, row, column, count } = places[way]
  const joined = (a: Arithmetic): string => {
    if (fold === 'sum') return a.add('r', 'r', 'p')
    return `${(fold === 'max' ? maximum : minimum).kernel(a, 'q', 'r', 'p', 'p')} ${a.copy('r', 'q')}`
  }
  const kernel: Kernel = {
    name: `${fold} ${way}`,
    matrices: ['a'],
    scalars: ['length'],
    body: (a) => `
      ${start} let count = length;
      ${way === 'in chunks' ? 'if (count > aColumns - from) { count = aColumns - from; }' : ''}
      ${a.declare('p', 'q')} let i = 0; ${a.load('r', 'a', row, column)}
      for (let j = 1; j < ${count}; j++) { i = j; ${a.load('p', 'a', row, column)} ${joined(a)} }`,
  }
  return { kernel, scalars: [length], rows, columns }
}

const gathering: Kernel = {
  name: 'gather',
  matrices: ['a'],
  scalars: ['size1', 'size2', 'stride0', 'stride1', 'stride2', 'stride3', 'offset'],
  body: (a) => `
    ${whole('line', 'i0', 'i1', 'i2', 'upper', 'at', 'row', 'column')} line = y;
    ${divide('upper', 'i2', 'line', 'size2')} ${divide('i0', 'i1', 'upper', 'size1')}
    at = offset + i0 * stride0 + i1 * stride1 + i2 * stride2 + x * stride3;
    ${divide('row', 'column', 'at', 'aColumns')}
    ${a.load('r', 'a', 'row', 'column')}`,
}

const gather = ({ sizes, columns, strides, offset }: Gather): Launch => ({
  kernel: gathering,
  scalars: [sizes[1], sizes[2], ...strides, offset],
  rows: sizes[0] * sizes[1] * sizes[2],
  columns,
})

const rankTwoUpdate: Kernel = {
  name: 'rank two',
  matrices: ['a', 'u', 'v'],
  scalars: ['alpha', 'alphaL'],
  body: (a) => `
    ${a.declare('p', 'q', 's')}
    ${a.load('p', 'u', '0', 'y')} ${a.load('q', 'v', '0', 'x')} ${a.multiply('r', 'p', 'q')}
    ${a.load('p', 'v', '0', 'y')} ${a.load('q', 'u', '0', 'x')} ${a.multiply('s', 'p', 'q')} ${a.add('r', 'r', 's')}
    ${parameter(a, 'q', 'alpha')} ${a.multiply('r', 'r', 'q')} ${a.load('p', 'a', 'y', 'x')} ${a.add('r', 'p', 'r')}`,
}

const takingRows: Kernel = {
  name: 'take rows',
  matrices: ['a', 'order'],
  scalars: [],
  body: (a) => `let row = order[0][y]; ${a.load('r', 'a', 'row', 'x')}`,
}

const stacking: Kernel = {
  name: 'stack',
  matrices: ['a', 'b'],
  scalars: ['top'],
  body: (a) => `
    if (y < top) { ${a.load('r', 'a', 'y', 'x')} }
    else { let row = y - top; ${a.load('r', 'b', 'row', 'x')} }`,
}

/** How an operation is launched; `first` is the size of its first argument. */
export const launchOf = (operation: Operation, first: { readonly rows: number; readonly columns: number }): Launch => {
  const { columns } = first
  switch (operation.kind) {
    case 'product':
      return product(operation)
    case 'pointwise':
      return pointwise(operation)
    case 'fused':
      return fusedLaunch(operation)
    case 'reduce':
      return reduce(operation)
    case 'gather':
      return gather(operation)
    case 'rank two':
      return rankTwo(operation, columns)
    case 'take rows':
      return takeRows(operation, columns)
    case 'stack':
      return stack(operation, first)
  }
}

const rankTwo = ({ alpha }: RankTwo, n: number): Launch => ({
  kernel: rankTwoUpdate,
  scalars: halves(alpha),
  rows: n,
  columns: n,
})

const takeRows = ({ rows }: TakeRows, columns: number): Launch => ({ kernel: takingRows, scalars: [], rows, columns })

const stack = ({ rows }: Stack, first: { readonly rows: number; readonly columns: number }): Launch => ({
  kernel: stacking,
  scalars: [first.rows],
  rows,
  columns: first.columns,
})
