/**
 * A linear map together with its adjoint: `⟨apply(v), w⟩ = ⟨v, adjoint(w)⟩` for all v and w.
 * A derivative at a point is one; so are a matrix, an inverse Hessian kept as pairs, a preconditioner.
 */
export interface LinearMap<V, W = V> {
  readonly apply: (v: V) => W
  readonly adjoint: (w: W) => V
}

/** The map that changes nothing. */
export const identityMap = <V>(): LinearMap<V> => ({ apply: (v) => v, adjoint: (w) => w })

/** The same map read from right to left. */
export const adjointOf = <V, W>(map: LinearMap<V, W>): LinearMap<W, V> => ({ apply: map.adjoint, adjoint: map.apply })

/** First `inner`, then `outer`; its adjoint runs in the other order. */
export const composeMaps = <U, V, W>(outer: LinearMap<V, W>, inner: LinearMap<U, V>): LinearMap<U, W> => ({
  apply: (u) => outer.apply(inner.apply(u)),
  adjoint: (w) => inner.adjoint(outer.adjoint(w)),
})

/** A map that is its own adjoint, such as a scaling or a symmetric matrix. */
export const selfAdjoint = <V>(apply: (v: V) => V): LinearMap<V> => ({ apply, adjoint: apply })
