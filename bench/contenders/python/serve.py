"""Answers one line of JSON for one. Arrays come as raw numbers in a file, and go back as raw doubles in another."""
import json
import sys
import time

try:
    import numpy as np
except ImportError as failure:
    print(json.dumps({"reason": f"{sys.executable} has no NumPy ({failure})"}))
    sys.exit()

libraries = {}
absent = {}
for name in ("by_numpy", "by_jax", "by_torch"):
    try:
        libraries[name] = __import__(name)
    except Exception as failure:
        absent[name] = str(failure)


def kernel_of_blas():
    """The kernel that OpenBLAS chose: by threadpoolctl, or asked of the library that is loaded."""
    try:
        from threadpoolctl import threadpool_info

        return ", ".join(f"{i.get('internal_api')} {i.get('architecture', '')}" for i in threadpool_info())
    except ImportError:
        pass
    try:
        import ctypes

        with open("/proc/self/maps") as maps:
            paths = sorted({line.split()[-1] for line in maps if "openblas" in line})
        for path in paths:
            library = ctypes.CDLL(path)
            for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename", "openblas_get_corename64_", "openblas_get_corename"):
                if hasattr(library, name):
                    ask = getattr(library, name)
                    ask.restype = ctypes.c_char_p
                    return f"OpenBLAS {ask().decode()}"
    except OSError:
        pass
    return "unknown"


def flat(result):
    parts = result if isinstance(result, (tuple, list)) else [result]
    for part in parts:
        if isinstance(part, (tuple, list)):
            yield from flat(part)
        else:
            yield np.asarray(part, dtype=np.float64).ravel()


def prepared(order):
    raw = open(order["file"], "rb").read()
    inputs = dict(order["numbers"])
    for name, dtype, shape, offset in order["arrays"]:
        count = int(np.prod(shape, dtype=int))
        inputs[name] = np.frombuffer(raw, dtype=dtype, count=count, offset=offset).reshape(shape).copy()
    return libraries[order["by"]].make(order["kind"], order["dtype"], inputs)


versions = {name: module.version for name, module in libraries.items()}
print(json.dumps({"versions": versions, "absent": absent, "blas": kernel_of_blas()}), flush=True)
current = {}
for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "prepare":
        try:
            run = prepared(order)
            answer = {"knows": run is not None}
            if run is not None:
                current[order["by"]] = run
        except Exception as failure:
            answer = {"knows": False, "failure": repr(failure)}
    elif order["do"] == "outputs":
        arrays = list(flat(current[order["by"]]()))
        with open(order["file"], "wb") as file:
            for array in arrays:
                file.write(array.tobytes())
        answer = {"sizes": [len(array) for array in arrays]}
    else:
        run, repeats = current[order["by"]], order["repeats"]
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        answer = {"milliseconds": 1000 * (time.perf_counter() - start) / repeats}
    print(json.dumps(answer), flush=True)
