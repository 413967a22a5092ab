"""Trains and runs the benchmark's models in PyTorch on the CPU, one command per line of standard input.

Commands and answers are JSON. `load` reads a safetensors file with parameters (`param.<path>`) and batches
(`x.<i>`, `y.<i>`); `evidence` starts afresh and gives losses and values; `time` gives milliseconds.
"""

import base64
import json
import re
import struct
import sys
import time

import numpy
import torch
import torch.nn.functional as F

DTYPES = {"F32": numpy.float32, "I32": numpy.int32}


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        array = numpy.frombuffer(data, DTYPES[entry["dtype"]], (end - begin) // 4, 8 + length + begin)
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    return tensors


def dense(p, name, x):
    # Weights are [in, out].
    return torch.matmul(x, p[name + ".weight"]) + p[name + ".bias"] if x.dim() != 2 else torch.addmm(
        p[name + ".bias"], x, p[name + ".weight"]
    )


def lenet(p, x, _):
    return dense(p, "output", F.relu(dense(p, "hidden2", F.relu(dense(p, "hidden1", x)))))


def conv(p, name, x, **options):
    return F.conv2d(x, p[name + ".weight"], p[name + ".bias"], **options)


def conv_net(p, x, _):
    h = F.max_pool2d(F.relu(conv(p, "conv1", x, padding=1)), 2)
    h = F.max_pool2d(F.relu(conv(p, "conv2", h, padding=1)), 2)
    return dense(p, "output", h.reshape(x.shape[0], -1))


def transformer(p, x, config):
    heads = config["heads"]
    batch, length, width = x.shape

    def norm(name, value):
        return F.layer_norm(value, (width,), p[name + ".scale"], p[name + ".bias"], 1e-5)

    def to_heads(value):
        return value.reshape(batch, length, heads, width // heads).transpose(1, 2)

    for i in range(config["layers"]):
        at = f"{i}."
        h = norm(at + "norm1", x)
        q, k, v = (to_heads(dense(p, f"{at}attention.{part}", h)) for part in ("query", "key", "value"))
        scores = torch.softmax(torch.matmul(q, k.transpose(2, 3)) * (width // heads) ** -0.5, -1)
        mixed = torch.matmul(scores, v).transpose(1, 2).reshape(batch, length, width)
        x = x + dense(p, at + "attention.output", mixed)
        x = x + dense(p, at + "contract", F.gelu(dense(p, at + "expand", norm(at + "norm2", x))))
    return x


def mobile_net(p, x, config):
    x = F.relu6(conv(p, "stem", x, stride=2, padding=1))
    for i, block in enumerate(config["blocks"]):
        at = f"blocks.{i}."
        h = F.relu6(conv(p, at + "expand", x)) if at + "expand.weight" in p else x
        h = F.relu6(conv(p, at + "depthwise", h, stride=block["stride"], padding=1, groups=block["hidden"]))
        h = conv(p, at + "project", h)
        x = x + h if block["stride"] == 1 and block["inputs"] == block["outputs"] else h
    x = F.relu6(conv(p, "head", x)).mean((2, 3))
    return dense(p, "classifier", x)


def cross_entropy(output, labels):
    return F.cross_entropy(output, labels.long())


MODELS = {
    "lenet": (lenet, cross_entropy),
    "convNet": (conv_net, cross_entropy),
    "transformer": (transformer, F.mse_loss),
    "mobileNet": (mobile_net, None),
}


def blas_library():
    """The library that matrix products are done with, where the system tells."""
    try:
        with open("/proc/self/maps") as file:
            paths = {line.split("/")[-1].strip() for line in file if "/" in line}
    except OSError:
        return ""
    return ", ".join(sorted(path for path in paths if re.search("openblas|mkl_|blis|libblas", path)))


class Job:
    def __init__(self, command):
        tensors = read_safetensors(command["file"])
        self.model, self.loss = MODELS[command["model"]]
        self.config = command["config"]
        self.training = command["training"]
        self.initial = {name[6:]: value for name, value in tensors.items() if name.startswith("param.")}
        self.batches = []
        while f"x.{len(self.batches)}" in tensors:
            i = len(self.batches)
            self.batches.append((tensors[f"x.{i}"], tensors.get(f"y.{i}")))
        self.restart()

    def restart(self):
        self.calls = 0
        self.params = {name: value.clone().requires_grad_(self.training) for name, value in self.initial.items()}
        if self.training:
            self.optimizer = torch.optim.Adam(self.params.values(), lr=self.config["learningRate"])

    def call(self):
        x, y = self.batches[self.calls % len(self.batches)]
        self.calls += 1
        if not self.training:
            with torch.inference_mode():
                return self.model(self.params, x, self.config)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.params, x, self.config), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def evidence(self, calls):
        self.restart()
        results = [self.call() for _ in range(calls)]
        encode = lambda value: base64.b64encode(value.detach().contiguous().numpy().tobytes()).decode()
        if not self.training:
            return {"losses": [], "values": {"output": encode(results[-1])}}
        return {"losses": results, "values": {name: encode(value) for name, value in self.params.items()}}

    def time(self, calls):
        start = time.perf_counter()
        for _ in range(calls):
            self.call()
        return (time.perf_counter() - start) * 1000


def main():
    torch.set_num_threads(int(sys.argv[1]))
    started = {"version": torch.__version__, "threads": torch.get_num_threads(), "blas": blas_library()}
    print(json.dumps(started), flush=True)
    jobs = {}
    for line in sys.stdin:
        command = json.loads(line)
        name = command["job"]
        try:
            if command["do"] == "load":
                jobs[name] = Job(command)
                answer = {}
            elif command["do"] == "evidence":
                answer = jobs[name].evidence(command["calls"])
            elif command["do"] == "time":
                answer = {"milliseconds": jobs[name].time(command["calls"])}
            else:
                del jobs[name]
                answer = {}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
