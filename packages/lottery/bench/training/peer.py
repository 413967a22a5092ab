"""One round of iterative magnitude pruning of LeNet-300-100 in PyTorch: python3 peer.py steps threads folder-of-mnist-data

Prints {"seconds", "accuracy", "version"}. The loop is what a user writes: masks multiply the gradients before Adam and the
weights after it, 5,000 validation images are looked at every 100 steps, and 20 % (output 10 %) of the weights are pruned.
"""
import json
import sys
import time

import numpy
import torch

steps, threads, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(1)


def read(name, header):
    return numpy.fromfile(f"{folder}/{name}", dtype=numpy.uint8)[header:]


images = torch.from_numpy(read("train-images-idx3-ubyte", 16).reshape(-1, 784).copy())
labels = torch.from_numpy(read("train-labels-idx1-ubyte", 8).copy()).long()
test_images = torch.from_numpy(read("t10k-images-idx3-ubyte", 16).reshape(-1, 784).copy())
test_labels = torch.from_numpy(read("t10k-labels-idx1-ubyte", 8).copy()).long()

net = torch.nn.Sequential(
    torch.nn.Linear(784, 300), torch.nn.ReLU(), torch.nn.Linear(300, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10)
)
weights = [layer.weight for layer in net if isinstance(layer, torch.nn.Linear)]
for layer in net:
    if isinstance(layer, torch.nn.Linear):
        torch.nn.init.xavier_normal_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
masks = [torch.ones_like(weight) for weight in weights]
optimizer = torch.optim.Adam(net.parameters(), lr=1.2e-3)
loss_of = torch.nn.functional.cross_entropy


def evaluate(x, y):
    with torch.no_grad():
        logits = torch.cat([net(part.float() / 255) for part in x.split(1000)])
        return loss_of(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


def step(batch):
    optimizer.zero_grad()
    loss_of(net(images[batch].float() / 255), labels[batch]).backward()
    for weight, mask in zip(weights, masks):
        weight.grad.mul_(mask)
    optimizer.step()
    with torch.no_grad():
        for weight, mask in zip(weights, masks):
            weight.mul_(mask)


order = torch.randperm(55_000) + 5_000
began = time.perf_counter()
for at in range(steps):
    start = at * 60 % (55_000 - 60)
    step(order[start : start + 60])
    if (at + 1) % 100 == 0:
        evaluate(images[:5000], labels[:5000])
for weight, mask, rate in zip(weights, masks, (0.2, 0.2, 0.1)):
    survivors = weight.detach()[mask.bool()].abs()
    threshold = survivors.kthvalue(int(rate * survivors.numel() + 0.5)).values
    mask.mul_(weight.detach().abs() > threshold)
accuracy = evaluate(test_images, test_labels)[1]
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "accuracy": accuracy, "version": torch.__version__}))
