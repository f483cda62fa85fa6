/** A program as the compiler sees it: views are gone, and what is left says how its entries come about. */
import {
  type Atom,
  denseLayout,
  type Formula,
  type Layout,
  type Primitive,
  type Program,
  type Step,
} from '@secant/autodiff'
import { isTensor, matmul, type Shape, sizeOf, type Tensor, type TensorType, type Transposes } from '@secant/linalg'
import { uniformValue } from './constants.ts'
import { type Control, controlOf } from './control.ts'
import { isDense } from './simplify.ts'

/** Entries of a node, at a layout of it. */
export interface Operand {
  readonly root: Node
  readonly layout: Layout
}

interface Common extends TensorType {
  readonly id: number
  readonly args: readonly Operand[]
}

export type Node = Common &
  (
    | { readonly kind: 'input'; readonly index: number; readonly isRow: boolean }
    | { readonly kind: 'constant'; readonly tensor: Tensor; readonly uniform: number | undefined }
    | { readonly kind: 'entries'; readonly formula: Formula }
    | { readonly kind: 'placed'; readonly at: readonly Layout[] }
    /** Over axes of the arguments, which have the same shape; `dot` sums products without rounding them. */
    | { readonly kind: 'fold'; readonly fold: Fold; readonly axes: readonly number[] }
    | { readonly kind: 'product'; readonly step: Step; readonly transposeA: boolean; readonly transposeB: boolean }
    | { readonly kind: 'call'; readonly step: Step }
    /** Loops and branches over programs of their own. */
    | { readonly kind: 'control'; readonly control: Control; readonly results: readonly TensorType[] }
    | { readonly kind: 'result'; readonly call: NodeOf<'call'> | NodeOf<'control'>; readonly index: number }
  )

export type Fold = 'sum' | 'max' | 'min' | 'dot'

export type NodeOf<K extends Node['kind']> = Extract<Node, { readonly kind: K }>

/** Nodes in the order of the program, and where its outputs are. */
export interface Graph {
  readonly nodes: readonly Node[]
  readonly inputs: readonly NodeOf<'input'>[]
  readonly outputs: readonly Operand[]
}

/** Whether an operand is all of its root, in the order of memory. */
export const isWhole = ({ root, layout }: Operand): boolean =>
  isDense(layout) && sizeOf(layout.shape) === sizeOf(root.shape)

/** An operand as it lies in memory, if it is the transpose of all of its root. */
const untransposed = ({ root, layout: { shape, start, strides } }: Operand): Operand | undefined => {
  const [rows = 0, columns = 0] = shape
  const isTurned = rows > 1 && columns > 1 && start === 0 && strides[0] === 1 && strides[1] === rows
  return isTurned && rows * columns === sizeOf(root.shape) ? { root, layout: denseLayout([columns, rows]) } : undefined
}

const isRowInput = ({ root }: Operand): boolean => root.kind === 'input' && root.isRow

/** Whether an operand is one entry for all places. */
export const isSpread = ({ layout }: Operand): boolean =>
  layout.shape.every((length, axis) => length === 1 || layout.strides[axis] === 0)

const areNeighbours = (axes: readonly number[], shape: Shape): boolean => {
  const long = axes.filter((axis) => shape[axis] !== 1)
  const [first = 0, last = -1] = [long[0], long.at(-1)]
  return shape.every((length, axis) => length === 1 || axis < first || axis > last || axes.includes(axis))
}

type Bare<N> = N extends unknown ? Omit<N, 'id'> : never

/** How a program stands inside of another one. */
export interface Nesting {
  /** The number of a new node, different in all programs that are nested. */
  readonly nextId: () => number
  /** Whether its results go to memory outside; then each of them is computed, and not handed on. */
  readonly isInner: boolean
  /** Inputs that are rows of larger arrays. */
  readonly isRow: (input: number) => boolean
}

export const graphOf = (program: Program, { nextId, isInner, isRow }: Nesting): Graph => {
  const nodes: Node[] = []
  const known = new Map<number, Operand>()
  const constants = new Map<Tensor, Operand>()

  const add = (bare: Bare<Node>): Node => {
    const node = { ...bare, id: nextId() } as Node
    nodes.push(node)
    return node
  }
  const whole = (root: Node, shape: Shape = root.shape): Operand => ({ root, layout: denseLayout(shape) })
  const read = (atom: Atom): Operand => {
    if (!isTensor(atom)) return known.get(atom.id) as Operand
    const before = constants.get(atom)
    if (before !== undefined) return before
    const { dtype, shape } = atom
    const fresh = whole(add({ kind: 'constant', dtype, shape, args: [], tensor: atom, uniform: uniformValue(atom) }))
    constants.set(atom, fresh)
    return fresh
  }
  /** The same entries in memory of their own. */
  const copied = (operand: Operand): Operand =>
    whole(
      add({
        kind: 'entries',
        dtype: operand.root.dtype,
        shape: operand.layout.shape,
        args: [operand],
        formula: (_, a) => a,
      }),
    )

  const inputs = program.inputs.map(({ id, dtype, shape }, index) => {
    const node = add({ kind: 'input', dtype, shape, args: [], index, isRow: isRow(index) }) as NodeOf<'input'>
    known.set(id, whole(node))
    return node
  })

  for (const step of program.steps) {
    const lowering = step.primitive.lower?.(step.params as never, step.args)
    const args = step.args.map(read)
    const [out] = step.outs
    const name = (results: readonly Operand[]): void =>
      step.outs.forEach(({ id }, i) => {
        known.set(id, results[i] as Operand)
      })
    const call = (): void => {
      const { dtype, shape } = out ?? { dtype: 'float64' as const, shape: [] }
      const control = controlOf(step)
      const common = { dtype, shape, args: args.map(asTensor) }
      const node = add(
        control === undefined
          ? { ...common, kind: 'call', step }
          : { ...common, kind: 'control', control, results: step.outs.map(plainType) },
      )
      name(
        step.outs.map((type, index) =>
          whole(add({ ...plainType(type), kind: 'result', args: [], call: node as NodeOf<'call'>, index })),
        ),
      )
    }
    const inMemory = (operand: Operand): Operand => (isWhole(operand) ? operand : copied(operand))
    const asTensor = (operand: Operand): Operand =>
      isWhole(operand) && !isRowInput(operand) ? operand : copied(operand)
    const fold = (kind: Fold, axes: readonly number[]): void => {
      const { shape } = (args[0] as Operand).layout
      if (out === undefined || sizeOf(shape) === 0 || !areNeighbours(axes, shape)) call()
      else name([whole(add({ ...plainType(out), kind: 'fold', args: args.map(inMemory), fold: kind, axes }))])
    }
    if (lowering === undefined || lowering.kind === 'composed' || out === undefined) call()
    else if (lowering.kind === 'entries')
      name([
        whole(
          add({ ...plainType(out), kind: 'entries', args: args.map(spreadTo(out.shape)), formula: lowering.formula }),
        ),
      ])
    else if (lowering.kind === 'views') {
      const argument = args[0] as Operand
      const layouts = lowering.of(argument.layout)
      const plain = layouts.includes(undefined) ? copied(argument) : argument
      const found = plain === argument ? layouts : lowering.of(plain.layout)
      name(found.map((layout) => ({ root: plain.root, layout: layout as Layout })))
    } else if (lowering.kind === 'placed')
      name([whole(add({ ...plainType(out), kind: 'placed', args, at: lowering.at }))])
    else if (lowering.kind === 'fold') fold(lowering.fold, lowering.axes)
    else if (lowering.kind === 'dot') fold('dot', [0])
    else if (innerLength(args[0] as Operand, lowering.transposeA) === 1) {
      const factors = outerFactors(args as [Operand, Operand], out.shape, lowering)
      name([whole(add({ ...plainType(out), kind: 'entries', args: factors, formula: outerProduct }))])
    } else {
      // With a column on the right, the order of linalg's sums depends on how the left factor lies.
      const isMatrix = out.shape.length === 2 && out.shape[1] !== 1
      const turned = args.map((arg) => (isMatrix && !isRowInput(arg) ? untransposed(arg) : undefined))
      const factors = args.map((arg, i) => turned[i] ?? asTensor(arg))
      const transposeA = lowering.transposeA !== (turned[0] !== undefined)
      const transposeB = lowering.transposeB !== (turned[1] !== undefined)
      const own = turned.some((arg) => arg !== undefined) ? multiplying(step, { transposeA, transposeB }) : step
      name([whole(add({ ...plainType(out), kind: 'product', args: factors, step: own, transposeA, transposeB }))])
    }
  }
  const taken = new Set<Node>()
  // Calls take all of an array, and a result of a step may be a row of a longer one.
  const called = nodes.filter(({ kind }) => ['product', 'call', 'control'].includes(kind))
  const given = new Set(called.flatMap(({ args }) => args.map(({ root }) => root)))
  const asOutput = (operand: Operand): Operand => {
    const { root } = operand
    const isOwn = ['entries', 'placed', 'fold'].includes(root.kind) && !taken.has(root) && !given.has(root)
    const result = isWhole(operand) && (isOwn || !isInner) ? operand : copied(operand)
    taken.add(result.root)
    return result
  }
  const outputs = program.outputs.map(read).map(asOutput)
  return { nodes, inputs, outputs }
}

/** Over how many terms a product sums. */
export const innerLength = ({ layout: { shape } }: Operand, transposeA: boolean): number =>
  shape[shape.length - (transposeA ? 2 : 1)] as number

const linalgProduct: Primitive<Transposes>['impl'] = ([a, b], transposes) => [
  matmul(a as Tensor, b as Tensor, transposes),
]

/** A product whose factors lie otherwise than it was recorded for. */
const multiplying = (step: Step, transposes: Transposes): Step => ({
  ...step,
  primitive: { ...step.primitive, impl: linalgProduct },
  params: transposes,
})

/** An entry of a product with one term: linalg's sums start at 0, so that −0 becomes 0. */
const outerProduct: Formula = (on, a, b) => on.add(on.mul(a, b), on.constant(0))

/** The factors of a product with one term, a column and a row, read over all of its result. */
const outerFactors = (
  [a, b]: readonly [Operand, Operand],
  shape: Shape,
  { transposeA, transposeB }: Transposes,
): readonly [Operand, Operand] => {
  const over = (
    { root, layout: { start, strides } }: Operand,
    along: (ends: readonly number[]) => number[],
  ): Operand => ({
    root,
    layout: { shape, start, strides: [...strides.slice(0, -2), ...along(strides.slice(-2))] },
  })
  return [
    over(a, ([row = 0, column = 0]) => [transposeA ? column : row, 0]),
    over(b, ([row = 0, column = 0]) => [0, transposeB ? row : column]),
  ]
}

const plainType = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape })

/** A scalar beside a larger result is read at every place. */
const spreadTo =
  (shape: Shape) =>
  ({ root, layout }: Operand): Operand =>
    layout.shape.length === shape.length
      ? { root, layout }
      : { root, layout: { shape, start: layout.start, strides: shape.map(() => 0) } }
