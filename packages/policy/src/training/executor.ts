/** Carries out pieces of work, here or elsewhere; results come in the order of the orders. */
export type Executor<A, B> = (orders: readonly A[]) => Promise<readonly B[]>

/** Everything here, one after another. */
export const inProcess =
  <A, B>(work: (order: A) => B): Executor<A, B> =>
  async (orders) =>
    orders.map(work)
