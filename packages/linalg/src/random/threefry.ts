/** Two words of 32 bits, the high one first; each an integer in [0, 2³²). */
export type Words = readonly [high: number, low: number]

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const

/**
 * Threefry-2x32 in 20 rounds: for every key a scrambling of the pairs of words, one to one.
 * Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (2011).
 */
export const threefry = (key: Words, counter: Words): Words => {
  const schedule = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda]
  let x = (counter[0] + key[0]) | 0
  let y = (counter[1] + key[1]) | 0
  for (let group = 1; group <= 5; group++) {
    const first = group % 2 === 1 ? 0 : 4
    for (let round = first; round < first + 4; round++) {
      const turn = rotations[round] as number
      x = (x + y) | 0
      y = ((y << turn) | (y >>> (32 - turn))) ^ x
    }
    x = (x + (schedule[group % 3] as number)) | 0
    y = (y + (schedule[(group + 1) % 3] as number) + group) | 0
  }
  return [x >>> 0, y >>> 0]
}
