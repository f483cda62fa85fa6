"""Workloads by PyTorch, eager, on one thread."""
import torch

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
version = f"PyTorch {torch.__version__}"


def logistic(rows, labels, lam):
    """By logsigmoid: softplus is linear beyond 20, which is not exact enough in double precision."""
    return lambda x: lam / 2 * (x @ x) - torch.nn.functional.logsigmoid(labels * (rows @ x)).mean()


def rosenbrock(x):
    odd, even = x[::2], x[1::2]
    return torch.sum(100 * (even - odd**2) ** 2 + (1 - odd) ** 2)


def bfgs(h, s, y):
    rho = 1 / (s @ y)
    hy = h @ y
    w = 0.5 * rho * (1 + rho * (y @ hy)) * s - rho * hy
    return h + (torch.outer(s, w) + torch.outer(w, s))


def mlp(features, labels):
    def f(first, second):
        scores = torch.sigmoid(features @ first) @ second
        return (torch.logsumexp(scores, 1) - (labels * scores).sum(1)).mean()

    return f


def chain(rounds):
    def f(y):
        for _ in range(rounds):
            y = 1.2 * torch.tanh(1.1 * torch.sin(y) + 0.3)
        return y

    return f


def both(f, *xs):
    leaves = [x.detach().requires_grad_() for x in xs]

    def run():
        value = f(*leaves)
        return (value.detach(), *torch.autograd.grad(value, leaves))

    return run


def unrolled(f, x, steps):
    def after(step):
        at = x.detach().requires_grad_()
        for _ in range(steps):
            at = at - step * torch.autograd.grad(f(at), at, create_graph=True)[0]
        return f(at)

    return after


def make(kind, dtype, inputs):
    given = {name: torch.as_tensor(value) if hasattr(value, "shape") else value for name, value in inputs.items()}
    pick = lambda *names: [given[name] for name in names]
    lam = given.get("lambda")

    def axpy(alpha, x, y):
        y = y.clone()
        return lambda: y.add_(x, alpha=alpha)

    def apply(f, *names):
        args = pick(*names)
        return lambda: f(*args)

    makers = {
        "matmul": lambda: apply(torch.matmul, "a", "b"),
        "matvec": lambda: apply(torch.matmul, "a", "x"),
        "dot": lambda: apply(torch.dot, "x", "y"),
        "axpy": lambda: axpy(*pick("alpha", "x", "y")),
        "cholesky": lambda: apply(torch.linalg.cholesky, "a"),
        "solve": lambda: apply(torch.linalg.solve, "a", "b"),
        "bfgs": lambda: apply(bfgs, "h", "s", "y"),
        "mlp": lambda: both(mlp(*pick("features", "labels")), *pick("first", "second")),
        "logistic": lambda: both(logistic(*pick("rows", "labels"), lam), given["x"]),
        "lse": lambda: both(lambda x: torch.logsumexp(given["rows"] @ x - given["offsets"], 0), given["x"]),
        "rosenbrock": lambda: both(rosenbrock, given["x"]),
        "chain": lambda: both(chain(given["rounds"]), given["x"]),
        "unrolled": lambda: both(
            unrolled(logistic(*pick("rows", "labels"), lam), given["x"], given["steps"]),
            torch.tensor(given["step"], dtype=torch.float64),
        ),
        "hvp": lambda: (
            # The Hessian is symmetric, and this is the way that PyTorch recommends where that is so.
            lambda f, x, v: lambda: torch.autograd.functional.vhp(f, x, v)[1]
        )(logistic(*pick("rows", "labels"), lam), *pick("x", "v")),
    }
    return makers[kind]() if kind in makers else None
