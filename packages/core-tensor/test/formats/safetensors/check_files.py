"""Reads what write_files.ts wrote with the format's own library, into torch tensors, and compares every value.

    python3 check_files.py FOLDER               needs torch and safetensors
"""
import json
import pathlib
import sys

from safetensors import safe_open
from safetensors.torch import load, save

folder = pathlib.Path(sys.argv[1])
content = (folder / "ours.safetensors").read_bytes()
expected = json.loads((folder / "ours.json").read_text())
tensors = load(content)
assert sorted(tensors) == sorted(expected), (sorted(tensors), sorted(expected))
for name, values in expected.items():
    tensor = tensors[name]
    kind = float if tensor.dtype.is_floating_point else int
    assert name in ("scalar", "empty") or str(tensor.dtype) == f"torch.{name}", (name, tensor.dtype)
    assert [kind(v) for v in tensor.flatten().tolist()] == [kind(v) for v in values], name
with safe_open(folder / "ours.safetensors", framework="pt") as opened:
    metadata = opened.metadata()
assert save(tensors, metadata=metadata) == content, "the library writes other bytes"
print(len(expected), "tensors agree; the library writes the same", len(content), "bytes")
