import { isTensor, type LinearMap, zeros } from '@secant/linalg'
import { batchValues } from './batch.ts'
import { bind, type Primitive, type Tangents, type Value, type Values } from './core.ts'
import { leavesIn } from './gradient.ts'
import { concrete } from './read.ts'
import { recordValues } from './record.ts'
import { flatten, type Structure, unflatten } from './tree.ts'
import { sumOver, wholeBatch } from './vector-space.ts'

/** A function on the flat list of leaves, and its value together with its derivative. */
interface Differentiated {
  readonly f: (xs: Values) => Values
  readonly linearize: (xs: Values) => readonly [Values, LinearMap<Values>]
}

/** The same for a batch of members, of which some arguments are shared. */
const batchOf = ({ f, linearize }: Differentiated, batched: readonly boolean[], count: number): Differentiated => {
  /** `g` for every member, of its arguments and of further values that all have the batch axis. */
  const each = (g: (args: Values, more: Values) => Values, args: Values, more: Values = []): Values => {
    const own = args.filter((_, i) => batched[i])
    const memberwise = (xs: Values): Values => {
      let next = 0
      const member = args.map((x, i) => (batched[i] ? (xs[next++] as Value) : x))
      return g(member, xs.slice(own.length))
    }
    return batchValues(memberwise, [...own, ...more], count)
  }
  return {
    f: (args) => each(f, args),
    linearize: (args) => [
      each((xs) => linearize(xs)[0], args),
      {
        apply: (v) => each((xs, more) => linearize(xs)[1].apply(more), args, wholeBatch(v, batched, count)),
        adjoint: (w) =>
          each((xs, more) => linearize(xs)[1].adjoint(more), args, w).map((part, i) =>
            batched[i] ? part : sumOver(part, [0]),
          ),
      },
    ],
  }
}

const customPrimitive = (given: Differentiated): Primitive<undefined> => ({
  name: 'custom',
  typeOf: (args) => {
    const { program, captured } = recordValues(given.f, args)
    if (captured.length > 0)
      throw new Error('customDerivative: got a function that closes over a traced value; needs it in the argument')
    return program.outputs
  },
  impl: (args) => given.f(args).map(concrete),
  linearize: (args) => {
    const [outs, map] = given.linearize(args)
    // A user's rule expects every direction to be there.
    const written = (tangents: Tangents, like: Values): Values =>
      like.map(({ shape, dtype }, i) => tangents[i] ?? zeros(shape, dtype))
    return [outs, { apply: (v) => map.apply(written(v, args)), adjoint: (w) => map.adjoint(written(w, outs)) }]
  },
  batch: (args, batched, _, count) => bind(customPrimitive(batchOf(given, batched, count)), args, undefined),
})

/**
 * `f` with a derivative of one's own: `linearize` returns the value and the derivative at a point, as the function of
 * that name does for any other. For implicit functions, for better-conditioned formulas, for gradients that are
 * clipped on purpose. Only the argument is differentiated by the rule; `linearize` is itself differentiated for higher
 * orders. While recording, `f` must not read numbers. Fails (throws) where the rule gives a direction of the wrong
 * nesting or shape.
 *
 * @example
 * const clipped = customDerivative((x: Value) => x, (x) => [x, selfAdjoint((w: Value) => clip(w, -1, 1))])
 * item(grad((x: Value) => mul(5, clipped(x)))(scalar(3))) // => 1
 */
export const customDerivative =
  <A, B>(f: (x: A) => B, linearize: (x: A) => readonly [value: B, derivative: LinearMap<A, B>]) =>
  (x: A): B => {
    const [leaves, from] = flatten(x)
    if (leaves.every(isTensor)) return f(x)
    let to: Structure = from
    const leavesOf = (y: B): Values => {
      const [outs, structure] = flatten(y)
      to = structure
      return outs
    }
    const given: Differentiated = {
      f: (xs) => leavesOf(f(unflatten(from, xs) as A)),
      linearize: (xs) => {
        const [y, map] = linearize(unflatten(from, xs) as A)
        const outs = leavesOf(y)
        return [
          outs,
          {
            apply: (v) => leavesIn(map.apply(unflatten(from, v) as A), to, outs, 'customDerivative: apply'),
            adjoint: (w) => leavesIn(map.adjoint(unflatten(to, w) as B), from, xs, 'customDerivative: adjoint'),
          },
        ]
      },
    }
    const outs = bind(customPrimitive(given), leaves, undefined)
    return unflatten(to, outs) as B
  }
