"""Runs the checker of the onnx package over the models that write_cases.ts wrote (onnx 1.12 knows opsets up to 17):

    npx tsx packages/core-tensor/test/formats/onnx/write_cases.ts cases 17
    python3 packages/core-tensor/test/formats/onnx/check.py cases
"""

import collections
import pathlib
import sys

import onnx

folder = pathlib.Path(sys.argv[1])
failures = 0
operators = collections.Counter()


def count(graph):
    for node in graph.node:
        operators[node.op_type] += 1
        for attribute in node.attribute:
            if attribute.HasField("g"):
                count(attribute.g)


paths = sorted(folder.glob("*.onnx"))
for path in paths:
    model = onnx.load(path)
    count(model.graph)
    try:
        onnx.checker.check_model(model, full_check=True)
        declared = {output.name: output.type for output in model.graph.output}
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        for output in inferred.graph.output:
            if output.type.tensor_type.elem_type != declared[output.name].tensor_type.elem_type:
                raise ValueError(f"{output.name}: inferred {output.type}, declared {declared[output.name]}")
    except Exception as error:  # every kind of failure is reported, then counted
        failures += 1
        print(f"{path.stem}: {str(error).strip().splitlines()[0][:300]}")

print(f"{len(paths)} models, {failures} failures, {len(operators)} operators: {' '.join(sorted(operators))}")
sys.exit(1 if failures else 0)
