import type { Tensor } from '@secant/linalg'

/** The loss of the tiny network in loops over numbers: images `[m, 28, 28, 1]`, classes `[m, 10]`. */
export const plainNetwork = (theta: Tensor, images: Tensor, classes: Tensor): number => {
  let offset = 0
  const next = (): number => theta.data[offset++] as number
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, next)
  const [first, firstBias, second, secondBias] = [numbers(18), numbers(2), numbers(54), numbers(3)]
  const [matrix, bias] = [numbers(1470), numbers(10)]

  /** Convolution 3×3 with zeros around, ReLU, largest of 2×2: `[size, size, c]` to `[size/2, size/2, o]`. */
  const layer = (
    image: readonly number[],
    size: number,
    [c, o]: readonly [number, number],
    kernel: readonly number[],
    biases: readonly number[],
  ): readonly number[] => {
    const at = (row: number, column: number, out: number): number => {
      let total = biases[out] as number
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++)
          for (let channel = 0; channel < c; channel++) {
            const [r, s] = [row + i - 1, column + j - 1]
            if (r < 0 || s < 0 || r >= size || s >= size) continue
            const weight = kernel[((i * 3 + j) * c + channel) * o + out] as number
            total += weight * (image[(r * size + s) * c + channel] as number)
          }
      return Math.max(0, total)
    }
    const half = size / 2
    return Array.from({ length: half * half * o }, (_, place) => {
      const [out, column, row] = [place % o, Math.floor(place / o) % half, Math.floor(place / (o * half))]
      const under = [0, 1].flatMap((i) => [0, 1].map((j) => at(2 * row + i, 2 * column + j, out)))
      return Math.max(...under)
    })
  }

  const losses = Array.from({ length: images.shape[0] as number }, (_, i) => {
    const image = [...images.data.subarray(784 * i, 784 * (i + 1))]
    const seen = layer(layer(image, 28, [1, 2], first, firstBias), 14, [2, 3], second, secondBias)
    const scores = bias.map((b, k) => seen.reduce((total, a, j) => total + a * (matrix[10 * j + k] as number), b))
    const largest = Math.max(...scores)
    const logTotal = largest + Math.log(scores.reduce((total, score) => total + Math.exp(score - largest), 0))
    return logTotal - scores.reduce((total, score, k) => total + score * (classes.data[10 * i + k] as number), 0)
  })
  return losses.reduce((a, b) => a + b) / losses.length
}
