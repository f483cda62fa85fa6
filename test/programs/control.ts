/** Loops and branches for programs made at random, whose bodies are made at random too. */
import {
  add,
  boundedWhile,
  cast,
  checkpoint,
  cond,
  foriLoop,
  greater,
  less,
  logicalNot,
  mean,
  mul,
  reshape,
  scan,
  scanInSegments,
  sin,
  slice,
  square,
  stack,
  stopGradient,
  sum,
  switchCase,
  take,
  tanh,
  type Value,
  vmap,
  where,
  whileLoop,
} from '@secant/autodiff'
import { sameShape, scalar, sizeOf, tensor } from '@secant/linalg'
import { type Attempt, type Attempts, arranging, type Pick, type Selection } from './arranging.ts'
import { jumping, smooth } from './operations.ts'

/** More entries than this are not made inside of a loop. */
const widestInside = 300

type Four = readonly [Value, Value, Value, Value]
type Body = (x: Value, given: Value) => Value

/** A function that keeps the type of its first argument; of the attempts, some are loops if it is not too deep. */
const bodyOf =
  (pick: Pick, attempts: readonly Attempt[], widest: number): Body =>
  (x, given) => {
    let value = x
    for (let steps = pick(4); steps > 0; steps--) {
      const attempt = attempts[pick(attempts.length)] as Attempt
      const made = attempt(value, pick(2) === 0 ? given : x, pick, () => undefined)
      if (made !== undefined && made.dtype === x.dtype && sizeOf(made.shape) <= widest) value = made
    }
    const back = sameShape(value.shape, x.shape)
      ? value
      : sizeOf(value.shape) === sizeOf(x.shape)
        ? reshape(value, x.shape)
        : add(mul(0.5, x), tanh(sum(value)))
    return pick(3) === 0 ? back : tanh(back)
  }

const rowsOf = (x: Value): Value => (x.shape.length === 0 ? stack([x, sin(x), x]) : x)

const firstRow = (rows: Value): Value => {
  const one = slice(
    rows,
    rows.shape.map(() => 0),
    rows.shape.with(0, Math.min(1, rows.shape[0] as number)),
  )
  return rows.shape[0] === 0 ? sum(one, { axes: [0] }) : reshape(one, rows.shape.slice(1))
}

/** Loops and branches. */
export const controls = (selection: Selection): Attempts => {
  const { widest = widestInside, isSmooth = false, isPlain = false, layers = 1, without = [] } = selection
  /** A number of steps, of so many. */
  const turns = (pick: Pick, numbers: number): number => (isPlain ? 1 + pick(numbers - 1) : pick(numbers))
  const inner = layers === 0 ? {} : controls({ ...selection, layers: layers - 1 })
  const named = Object.entries({ ...smooth, ...arranging, ...(isSmooth ? {} : jumping), ...inner })
  const attempts = named.flatMap(([name, attempt]) => (without.includes(name) ? [] : [attempt]))
  const made = (pick: Pick): Body => bodyOf(pick, attempts, Math.min(widest, widestInside))
  const always: Attempts = {
    scan: (x, y, pick) => {
      const rows = rowsOf(x)
      const body = made(pick)
      const step = ([c, total]: readonly [Value, Value], row: Value) => {
        const next = body(add(mul(c, 0.9), mul(row, mean(y))), row)
        return [[next, add(total, sum(mul(next, row)))] as const, [mul(next, total), total] as const] as const
      }
      const init = [mul(0.5, firstRow(rows)), sum(y)] as const
      const [[c, total], [ys]] = scan(step, { reverse: pick(2) === 0 })(init, rows)
      return add(mul(add(sum(c), total), 0.1), ys)
    },
    'scan of what it was given': (x, y, pick) =>
      scan((c: Value, row: Value) => [c, pick(2) === 0 ? row : c], {})(mul(1, y), rowsOf(x))[pick(2) as 0],
    'scan of many kinds': (x, y, pick) => {
      const rows = rowsOf(x)
      const body = made(pick)
      const small = cast(mul(0.5, y), x.dtype === 'float64' ? 'float32' : 'float64')
      const init: Four = [firstRow(rows), scalar(pick(3), 'int32'), greater(y, 0), small]
      const step = ([c, k, mask, s]: Four, [row, i]: readonly [Value, Value]) => {
        const next = body(where(greater(k, i), c, row), y)
        const carry: Four = [next, add(k, i), logicalNot(mask), sin(s)]
        return [carry, [k, k, y, mask, next, sum(s)] as const] as const
      }
      const counts = tensor(
        Array.from({ length: rows.shape[0] as number }, (_, i) => i % 3),
        'int32',
      )
      const [[c, k, mask], [, ks, , masks, nexts, sums]] = scan(step)(init, [rows, counts])
      const numbers = [k, mask, ks, masks, sums].map((z) => sum(cast(z as Value, x.dtype as 'float64')))
      return numbers.reduce<Value>((total, z) => add(total, z), add(nexts as Value, sum(c as Value)))
    },
    'scan without rows': (x, y, pick) => {
      const body = made(pick)
      return scan((c: Value) => [body(c, y), null], { length: turns(pick, 4) })(x, null)[0]
    },
    'scan of results alone': (x, y, pick) => {
      const body = made(pick)
      return scan((c: Value, row: Value) => [c, body(row, c)], { reverse: pick(2) === 0 })(y, rowsOf(x))[1]
    },
    'scan that swaps': (x, y) => {
      const small = mul(0.1, y)
      const step = ([p, q]: readonly [Value, Value]) => [[q, p] as const, null] as const
      const [[a, b]] = scan(step, { length: 3 })([sin(x), x], null)
      return add(add(a, mul(2, b)), sum(small))
    },
    'scan of a scan': (x, y, pick) => {
      const body = made(pick)
      const within = (c: Value): Value => scan((d: Value) => [body(d, y), null], { length: 2 })(c, null)[0]
      return scan((c: Value) => [within(c), sum(c)], { length: 3 })(x, null)[0]
    },
    scanInSegments: (x, y, pick) => {
      const body = made(pick)
      const rows = rowsOf(x)
      const step = (c: Value, row: Value) => [body(add(c, row), y), mul(c, row)] as const
      return scanInSegments(step, { segment: 1 + pick(3), reverse: pick(2) === 0 })(firstRow(rows), rows)[1]
    },
    foriLoop: (x, y, pick) => {
      const body = made(pick)
      const length = sizeOf(y.shape)
      const flat = reshape(y, [length])
      return foriLoop(0, Math.min(length, turns(pick, 4)), (i, c: Value) =>
        body(mul(c, add(0.5, mul(0.1, cast(i, x.dtype as 'float64')))), take(flat, i)),
      )(x)
    },
    whileLoop: (x, y, pick) => {
      const body = made(pick)
      const fixed = stopGradient(y)
      const [result] = whileLoop(
        ([, k]: readonly [Value, Value]) => less(k, 3),
        ([c, k]) => [body(c, fixed), add(k, 1)] as const,
      )([stopGradient(x), scalar(pick(4), 'int32')])
      return add(x, stopGradient(result))
    },
    checkpoint: (x, y, pick) => {
      const body = made(pick)
      return checkpoint((a: Value, b: Value) => body(a, b))(x, y)
    },
    vmap: (x, y, pick) => {
      const body = made(pick)
      const rows = rowsOf(x)
      return rows.shape[0] === 0 ? undefined : vmap((row: Value) => body(row, y))(rows)
    },
    'switchCase of a number': (x, y, pick) => {
      const [one, two] = [made(pick), made(pick)]
      return switchCase(pick(4), [(a: Value) => a, (a: Value) => one(a, y), (a: Value) => two(a, a)])(x)
    },
  }
  if (isSmooth) return always
  return {
    ...always,
    boundedWhile: (x, y, pick) => {
      const body = made(pick)
      const isLarge = (c: Value): Value => greater(sum(square(c)), 0.5)
      return boundedWhile(isLarge, (c) => mul(0.6, body(c, y)), { most: turns(pick, 5) })(x)
    },
    cond: (x, y, pick) => {
      const [one, two] = [made(pick), made(pick)]
      const branches = [(a: Value) => one(a, y), (a: Value) => two(mul(a, mean(y)), a)] as const
      return cond(greater(sum(x), sum(y)), ...branches)(x)
    },
    'scan of cond': (x, y, pick) => {
      const [one, two] = [made(pick), made(pick)]
      const step = (c: Value, row: Value) =>
        [
          cond(
            greater(sum(c), sum(row)),
            (a: Value) => one(a, row),
            (a: Value) => two(a, y),
          )(c),
          c,
        ] as const
      const rows = rowsOf(x)
      // From the first row itself neither sum would be the greater.
      return scan(step)(mul(0.5, firstRow(rows)), rows)[1]
    },
    switchCase: (x, y, pick, like) => {
      const index = like('int32')
      if (index === undefined) return undefined
      const [one, two] = [made(pick), made(pick)]
      const branches = [(a: Value) => one(a, y), (a: Value) => two(a, a), (a: Value) => a]
      return switchCase(index.shape.length === 0 ? index : sum(index), branches)(x)
    },
  }
}
