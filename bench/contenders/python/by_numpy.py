"""Workloads by NumPy and SciPy, gradients by hand."""
import numpy as np

try:
    import scipy
    from scipy.optimize import minimize
except ImportError:
    scipy = None

version = f"NumPy {np.__version__}" + (f", SciPy {scipy.__version__}" if scipy else "")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logistic(rows, labels, lam):
    m = len(labels)

    def f(x):
        margins = labels * (rows @ x)
        pull = -labels * sigmoid(-margins) / m
        return np.logaddexp(0, -margins).mean() + lam / 2 * (x @ x), pull @ rows + lam * x

    return f


def lse(rows, offsets):
    def f(x):
        z = rows @ x - offsets
        top = z.max()
        e = np.exp(z - top)
        total = e.sum()
        return top + np.log(total), (e / total) @ rows

    return f


def rosenbrock(x):
    odd = x[::2]
    off = x[1::2] - odd * odd
    away = 1 - odd
    slope = np.empty_like(x)
    slope[::2] = -400 * off * odd - 2 * away
    slope[1::2] = 200 * off
    return 100 * (off @ off) + away @ away, slope


def mlp(features, labels, first, second):
    hidden = sigmoid(features @ first)
    scores = hidden @ second
    scores = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    total = e.sum(axis=1, keepdims=True)
    value = (np.log(total[:, 0]) - (labels * scores).sum(axis=1)).mean()
    d = (e / total - labels) / len(features)
    back = (d @ second.T) * hidden * (1 - hidden)
    return value, features.T @ back, hidden.T @ d


def bfgs(h, s, y):
    rho = 1 / (s @ y)
    hy = h @ y
    w = 0.5 * rho * (1 + rho * (y @ hy)) * s - rho * hy
    return h + (np.outer(s, w) + np.outer(w, s))


def hvp(rows, labels, lam, x, v):
    p = sigmoid(labels * (rows @ x))
    return (p * (1 - p) * (rows @ v) / len(labels)) @ rows + lam * v


def unrolled(rows, labels, lam, x, step, steps):
    """The tangent of the iterates is carried along."""
    f = logistic(rows, labels, lam)
    tangent = np.zeros_like(x)
    for _ in range(steps):
        slope = f(x)[1]
        tangent = tangent - slope - step * hvp(rows, labels, lam, x, tangent)
        x = x - step * slope
    value, slope = f(x)
    return value, slope @ tangent


def chain(x, rounds):
    from math import cos, sin, tanh

    y, d = float(x), 1.0
    for _ in range(rounds):
        t = tanh(1.1 * sin(y) + 0.3)
        y, d = 1.2 * t, d * 1.2 * (1 - t * t) * 1.1 * cos(y)
    return y, d


def axpy(alpha, x, y):
    y = y.copy()

    def run():
        np.add(y, alpha * x, out=y)
        return y

    return run


def lbfgs(of, x, bound, rows=None, labels=None, offsets=None, **rest):
    f = {
        "logistic": lambda: logistic(rows, labels, rest["lambda"]),
        "lse": lambda: lse(rows, offsets),
        "rosenbrock": lambda: rosenbrock,
    }[of]()
    options = {"maxcor": 10, "gtol": bound, "ftol": 0, "maxiter": 10**6, "maxfun": 10**7}
    return lambda: minimize(f, x, jac=True, method="L-BFGS-B", options=options).x


makers = {
    "matmul": lambda a, b: lambda: a @ b,
    "matvec": lambda a, x: lambda: a @ x,
    "dot": lambda x, y: lambda: x @ y,
    "axpy": axpy,
    "cholesky": lambda a: lambda: np.linalg.cholesky(a),
    "solve": lambda a, b: lambda: np.linalg.solve(a, b),
    "bfgs": lambda h, s, y: lambda: bfgs(h, s, y),
    "mlp": lambda features, labels, first, second: lambda: mlp(features, labels, first, second),
    "logistic": lambda rows, labels, x, **r: (lambda f: lambda: f(x))(logistic(rows, labels, r["lambda"])),
    "lse": lambda rows, offsets, x: (lambda f: lambda: f(x))(lse(rows, offsets)),
    "rosenbrock": lambda x: lambda: rosenbrock(x),
    "chain": lambda x, rounds: lambda: chain(x, rounds),
    "unrolled": lambda rows, labels, x, step, steps, **r: lambda: unrolled(rows, labels, r["lambda"], x, step, steps),
    "hvp": lambda rows, labels, x, v, **r: lambda: hvp(rows, labels, r["lambda"], x, v),
}
if scipy:
    makers["lbfgs"] = lbfgs


def make(kind, dtype, inputs):
    return makers[kind](**inputs) if kind in makers else None
