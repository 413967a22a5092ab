"""Checks the models that write_models.ts wrote with ONNX's own checker and shape inference.

    python3 check_models.py <folder>        run with onnx 1.23.1; opset 21 needs 1.16
"""
import pathlib
import sys

import onnx

files = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
assert files, "no .onnx files in the folder"
for file in files:
    onnx.checker.check_model(str(file), full_check=True)
    model = onnx.load(str(file), load_external_data=False)
    assert model.SerializeToString() == file.read_bytes(), f"{file.name}: other bytes when written again"
    print(f"{file.name}: accepted, {file.stat().st_size} bytes, the same when written again")
print(f"onnx {onnx.__version__}")
