"""Workloads by JAX, compiled by `jit`, on the processor; data are closed over as users do."""
import os

# One thread: XLA takes the size of its pools from NPROC. Both have to be set before JAX is imported.
os.environ["NPROC"] = "1"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
version = f"JAX {jax.__version__}"


def logistic(rows, labels, lam):
    return lambda x: jnp.logaddexp(0, -labels * (rows @ x)).mean() + lam / 2 * (x @ x)


def rosenbrock(x):
    odd, even = x[::2], x[1::2]
    return jnp.sum(100 * (even - odd**2) ** 2 + (1 - odd) ** 2)


def chain(rounds):
    def f(y):
        for _ in range(rounds):
            y = 1.2 * jnp.tanh(1.1 * jnp.sin(y) + 0.3)
        return y

    return f


def bfgs(h, s, y):
    rho = 1 / (s @ y)
    hy = h @ y
    w = 0.5 * rho * (1 + rho * (y @ hy)) * s - rho * hy
    return h + (jnp.outer(s, w) + jnp.outer(w, s))


def mlp(features, labels):
    def f(weights):
        scores = jax.nn.sigmoid(features @ weights[0]) @ weights[1]
        return (jax.nn.logsumexp(scores, axis=1) - (labels * scores).sum(axis=1)).mean()

    return f


def unrolled(f, x, steps):
    def after(step):
        return f(jax.lax.scan(lambda at, _: (at - step * jax.grad(f)(at), None), x, None, length=steps)[0])

    return after


def make(kind, dtype, inputs):
    given = {name: jnp.asarray(value) if hasattr(value, "shape") else value for name, value in inputs.items()}
    pick = lambda *names: [given[name] for name in names]
    lam = given.get("lambda")
    both = jax.value_and_grad
    programs = {
        "matmul": lambda: (lambda a, b: a @ b, pick("a", "b")),
        "matvec": lambda: (lambda a, x: a @ x, pick("a", "x")),
        "dot": lambda: (lambda x, y: x @ y, pick("x", "y")),
        "axpy": lambda: (lambda alpha, x, y: alpha * x + y, pick("alpha", "x", "y")),
        "cholesky": lambda: (jnp.linalg.cholesky, pick("a")),
        "solve": lambda: (jnp.linalg.solve, pick("a", "b")),
        "bfgs": lambda: (bfgs, pick("h", "s", "y")),
        "mlp": lambda: (both(mlp(*pick("features", "labels"))), [pick("first", "second")]),
        "logistic": lambda: (both(logistic(*pick("rows", "labels"), lam)), pick("x")),
        "lse": lambda: (both(lambda x: jax.nn.logsumexp(given["rows"] @ x - given["offsets"])), pick("x")),
        "rosenbrock": lambda: (both(rosenbrock), pick("x")),
        "chain": lambda: (both(chain(given["rounds"])), pick("x")),
        "unrolled": lambda: (
            both(unrolled(logistic(*pick("rows", "labels"), lam), given["x"], given["steps"])),
            [jnp.float64(given["step"])],
        ),
        "hvp": lambda: (
            lambda x, v: jax.jvp(jax.grad(logistic(*pick("rows", "labels"), lam)), (x,), (v,))[1],
            pick("x", "v"),
        ),
    }
    if kind not in programs:
        return None
    f, args = programs[kind]()
    compiled = jax.jit(f)
    return lambda: jax.block_until_ready(compiled(*args))
