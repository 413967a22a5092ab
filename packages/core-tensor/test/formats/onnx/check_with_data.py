"""Loads the pair that write_with_data.ts wrote with ONNX's own library and compares every constant.

    python3 check_with_data.py <folder>     run with onnx 1.12.0
"""
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

folder = pathlib.Path(sys.argv[1])
path = folder / "net.onnx"
onnx.checker.check_model(str(path), full_check=True)
outside = [t.name for t in onnx.load(path, load_external_data=False).graph.initializer if t.data_location == 1]
model = onnx.load(str(path))
expected = json.loads((folder / "constants.json").read_text())
found = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
assert found.keys() == expected.keys(), found.keys()
for name, values in expected.items():
    assert np.array_equal(found[name].ravel(), np.array(values, dtype=np.float32)), name
print(f"{path.stat().st_size} bytes, {len(outside)} of {len(found)} constants outside: {' '.join(outside)}")
print(f"onnx {onnx.__version__}: accepted, all values equal")
