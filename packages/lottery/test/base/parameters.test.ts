import { DeviceTensor, tensor } from "@parsimony/core-tensor";
import { expect, test } from "vitest";
import { floatData, mapNamed, namedTensors, sortedNames, unnameTensors } from "../../src/base/parameters.ts";

const tree = { hidden: { weight: tensor([[1]]), bias: tensor([2]) }, layers: [tensor(3)] };

test("a tree and the flat record of its paths are the same to every function", () => {
  const named = namedTensors("test", tree);
  expect(sortedNames(named)).toEqual(["hidden.bias", "hidden.weight", "layers.0"]);
  expect(namedTensors("test", named)).toEqual(named);
  expect(unnameTensors("test", tree, named)).toEqual(tree);
  expect(unnameTensors("test", named, named)).toEqual(named);
});

test("maps tensors with their paths", () => {
  const seen: string[] = [];
  const doubled = mapNamed(tree, (each, name) => {
    seen.push(name);
    return tensor(
      (each.dataSync() as Float32Array).map((value) => 2 * value),
      { shape: each.shape },
    );
  });
  expect(doubled.layers[0]?.item()).toBe(6);
  expect(seen).toEqual(["hidden.bias", "hidden.weight", "layers.0"]);
});

test("refuses what is missing, what is no float and what is not on the host", () => {
  expect(() => unnameTensors("test", tree, {})).toThrow(
    expect.objectContaining({ code: "E_PARAMETERS", tensor: "hidden.bias" }),
  );
  expect(() => floatData("test", "x", tensor([1], { dtype: "int32" }))).toThrow(
    expect.objectContaining({ code: "E_PARAMETERS" }),
  );
  const away = new DeviceTensor("float32", [1], { backend: "test", dispose() {} } as never);
  expect(() => namedTensors("test", { away })).toThrow(
    expect.objectContaining({ code: "E_PARAMETERS", tensor: "away" }),
  );
  expect(() => namedTensors("test", { a: 3 })).toThrow("expected a tensor");
  expect(() => namedTensors("test", { a: { b: tensor(1) }, "a.b": tensor(2) })).toThrow(
    expect.objectContaining({ code: "E_PARAMETERS", tensor: "a.b" }),
  );
});
