import {
  type Draw,
  drawing,
  type FloatType,
  map,
  normal,
  qr,
  reshape,
  type Shape,
  showShape,
  sizeOf,
  type Tensor,
  transpose,
  uniform,
  zeros,
} from '@secant/linalg'

/** First parameters of a shape, float64 unless asked otherwise. */
export type Initial = (shape: Shape, dtype?: FloatType) => Draw<Tensor>

/** How the parameters of a layer are drawn. */
export interface Starting {
  readonly weights?: Initial
  readonly bias?: Initial
  readonly dtype?: FloatType
}

/** Zeros; the key is handed on untouched. */
export const zerosOf: Initial = (shape, dtype) => (key) => [zeros(shape, dtype), key]

/**
 * Numbers spread evenly over [−bound, bound). Fails (throws) unless the bound is positive.
 *
 * @example
 * uniformOf(0.1)([2, 3])(key(0))[0].shape // => [2, 3]
 */
export const uniformOf =
  (bound: number): Initial =>
  (shape, dtype = 'float64') =>
    drawing((key) => uniform(key, shape, { min: -bound, max: bound, dtype }))

/** Normal numbers of mean 0 and the given standard deviation. */
export const normalOf =
  (deviation: number): Initial =>
  (shape, dtype = 'float64') =>
    drawing((key) => map(normal(key, shape, { dtype }), (x) => deviation * x))

/** How many numbers enter an output, and how many an input enters: `[in, out]`, or `[…taps, in, out]` of a kernel. */
const fansOf = (operation: string, shape: Shape): readonly [fanIn: number, fanOut: number] => {
  if (shape.length < 2) throw new Error(`${operation}: got shape ${showShape(shape)}; needs […, in, out]`)
  const taps = sizeOf(shape.slice(0, -2))
  return [taps * (shape.at(-2) as number), taps * (shape.at(-1) as number)]
}

/**
 * Uniform with variance 2 / (fan in + fan out): within ±√(6 / (in + out)) for weights `[in, out]`; the fans of a kernel
 * `[…, in, out]` count its taps (Glorot and Bengio 2010, equation 16).
 */
export const glorotUniform: Initial = (shape, dtype) => {
  const [fanIn, fanOut] = fansOf('glorotUniform', shape)
  return uniformOf(Math.sqrt(6 / (fanIn + fanOut)))(shape, dtype)
}

/** Normal with variance 2 / (fan in + fan out) (Glorot and Bengio 2010, equation 12). */
export const glorotNormal: Initial = (shape, dtype) => {
  const [fanIn, fanOut] = fansOf('glorotNormal', shape)
  return normalOf(Math.sqrt(2 / (fanIn + fanOut)))(shape, dtype)
}

/** Uniform with variance 2 / fan in, for layers behind relu: within ±√(6 / in) (He et al. 2015, equation 10). */
export const heUniform: Initial = (shape, dtype) =>
  uniformOf(Math.sqrt(6 / fansOf('heUniform', shape)[0]))(shape, dtype)

/** Normal with variance 2 / fan in, for layers behind relu (He et al. 2015, equation 10). */
export const heNormal: Initial = (shape, dtype) => normalOf(Math.sqrt(2 / fansOf('heNormal', shape)[0]))(shape, dtype)

/** Uniform within ±1/√h, for every parameter of a recurrent cell with h hidden numbers, as PyTorch starts them. */
export const recurrentUniform = (hidden: number): Initial => uniformOf(1 / Math.sqrt(hidden))

/**
 * Orthonormal columns, or rows where there are fewer of them: the Q of a matrix of normal numbers, every orthogonal
 * matrix equally likely (Saxe, McClelland and Ganguli 2013). Of a kernel `[…, in, out]` the matrix is `[… in, out]`.
 *
 * @example
 * const [q] = orthogonal([3, 3])(key(0))
 * maxAbs(sub(matmul(transpose(q, [1, 0]), q), eye(3))) < 1e-14 // => true
 */
export const orthogonal: Initial = (shape, dtype = 'float64') => {
  const [rows] = fansOf('orthogonal', shape)
  const columns = shape.at(-1) as number
  const tall = [Math.max(rows, columns), Math.min(rows, columns)]
  return drawing((key) => {
    // The diagonal of r is not negative; with other signs q would not be spread evenly.
    const { q } = qr(normal(key, tall, { dtype }))
    return reshape(rows < columns ? transpose(q, [1, 0]) : q, shape)
  })
}
