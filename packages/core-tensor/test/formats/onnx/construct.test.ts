import { expect, test } from "vitest";
import { attribute, stringEntries, tensorValue } from "../../../src/formats/onnx/construct.ts";
import { attributeType, dataType } from "../../../src/formats/onnx/schema.ts";

test("each attribute names its type", () => {
  const tensor = { dims: [], dataType: dataType.FLOAT };
  const graph = { name: "g", node: [], input: [], output: [] };
  const ab = [Uint8Array.of(97), Uint8Array.of(98)];
  expect(attribute.float("a", 1)).toEqual({ name: "a", f: 1, type: attributeType.FLOAT });
  expect(attribute.int("a", 1n)).toEqual({ name: "a", i: 1n, type: attributeType.INT });
  expect(attribute.string("a", "a")).toEqual({ name: "a", s: ab[0], type: attributeType.STRING });
  expect(attribute.tensor("a", tensor)).toEqual({ name: "a", t: tensor, type: attributeType.TENSOR });
  expect(attribute.graph("a", graph)).toEqual({ name: "a", g: graph, type: attributeType.GRAPH });
  expect(attribute.floats("a", [1])).toEqual({ name: "a", floats: [1], type: attributeType.FLOATS });
  expect(attribute.ints("a", [1])).toEqual({ name: "a", ints: [1], type: attributeType.INTS });
  expect(attribute.strings("a", ["a", "b"])).toEqual({ name: "a", strings: ab, type: attributeType.STRINGS });
});

test("a tensor value has numbers and names for dimensions, and no shape where the rank is unknown", () => {
  const dim = [{ dimParam: "batch" }, { dimValue: 3 }];
  expect(tensorValue("x", 1, ["batch", 3]).type).toEqual({ tensorType: { elemType: 1, shape: { dim } } });
  expect(tensorValue("x", 1, []).type).toEqual({ tensorType: { elemType: 1, shape: { dim: [] } } });
  expect(tensorValue("x", 1).type).toEqual({ tensorType: { elemType: 1 } });
});

test("entries are in order of their keys", () => {
  expect(stringEntries({ b: "2", a: "1" })).toEqual([
    { key: "a", value: "1" },
    { key: "b", value: "2" },
  ]);
});
