import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attribute, tensorValue } from "../../src/formats/onnx/construct.ts";
import { decodeModel } from "../../src/formats/onnx/decode.ts";
import { type ModelProto, dataType } from "../../src/formats/onnx/schema.ts";
import { readModel } from "../../src/formats/tflite/schema.ts";
import { listOnnx, listTflite } from "../../src/inspect/listing.ts";
import { models, ownFunction, runningSum } from "../formats/onnx/models.ts";
import { readPack } from "../formats/onnx/pack.ts";

const { FLOAT, UINT16, FLOAT16, BOOL, INT4 } = dataType;

describe("an ONNX model", () => {
  const model: ModelProto = {
    irVersion: 8,
    opsetImport: [],
    graph: {
      name: "g",
      input: [tensorValue("x", FLOAT, ["n", 3]), tensorValue("w", FLOAT, [2]), { name: "sequence" }],
      output: [
        tensorValue("y", UINT16),
        { name: "z", type: { tensorType: { elemType: FLOAT16, shape: { dim: [{}] } } } },
      ],
      initializer: [
        { name: "w", dims: [2], dataType: FLOAT },
        { name: "odd", dims: [3], dataType: INT4 },
        { name: "hostile", dims: [-5, 2n ** 62n], dataType: UINT16 },
      ],
      node: [
        { opType: "Add", input: [], output: [], domain: "ai.onnx" },
        { opType: "Fused", input: [], output: [], domain: "com.example" },
        {
          opType: "If",
          input: [],
          output: [],
          attribute: [
            attribute.graph("then_branch", {
              name: "then",
              input: [],
              output: [],
              initializer: [{ dims: [], dataType: BOOL }],
              node: [
                { opType: "Add", input: [], output: [] },
                {
                  opType: "Constant",
                  input: [],
                  output: [],
                  attribute: [attribute.tensor("value", { dims: [7], dataType: UINT16 })],
                },
              ],
            }),
          ],
        },
      ],
    },
  };

  test("inputs without constants, types as far as the file tells them", () => {
    const { inputs, outputs } = listOnnx(model);
    expect(inputs).toEqual([
      { name: "x", type: "float32[n, 3]" },
      { name: "sequence", type: "no tensor" },
    ]);
    expect(outputs).toEqual([
      { name: "y", type: "UINT16, shape unknown" },
      { name: "z", type: "float16[?]" },
    ]);
  });

  test("operators by domain, inner graphs and functions included", () => {
    expect(listOnnx(model).operators).toEqual([
      { name: "Add", count: 2 },
      { name: "Constant", count: 1 },
      { name: "If", count: 1 },
      { name: "com.example.Fused", count: 1 },
    ]);
    expect(listOnnx(runningSum).operators.map(({ name }) => name)).toEqual(["Add", "Identity", "Scan"]);
    expect(listOnnx(ownFunction).operators).toEqual([
      { name: "Add", count: 1 },
      { name: "test.own.Twice", count: 1 },
    ]);
  });

  test("constants, wherever they stand; negative dimensions count as none", () => {
    const { parameters, parameterBytes } = listOnnx(model);
    expect([parameters, parameterBytes]).toEqual([2 + 3 + 1 + 7, 8 + 2 + 1 + 14]);
  });

  test("any model can be listed", () => {
    for (const own of Object.values(models)) expect(listOnnx(own).operators.length).toBeGreaterThan(0);
    for (const { name, model: bytes } of readPack("nodes.pack.gz")) {
      expect(listOnnx(decodeModel(bytes)).operators.length, name).toBeGreaterThan(0);
    }
  });
});

test("a TFLite model", () => {
  const file = new URL(
    "../../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite",
    import.meta.url,
  );
  const listing = listTflite(readModel(readFileSync(file)));
  expect(listing).toMatchInlineSnapshot(`
    {
      "inputs": [
        {
          "name": "input",
          "type": "float32[1, 128, 128, 3]",
        },
      ],
      "operators": [
        {
          "count": 74,
          "name": "DEQUANTIZE",
        },
        {
          "count": 21,
          "name": "CONV_2D",
        },
        {
          "count": 17,
          "name": "RELU",
        },
        {
          "count": 16,
          "name": "ADD",
        },
        {
          "count": 16,
          "name": "DEPTHWISE_CONV_2D",
        },
        {
          "count": 11,
          "name": "PAD",
        },
        {
          "count": 4,
          "name": "RESHAPE",
        },
        {
          "count": 3,
          "name": "MAX_POOL_2D",
        },
        {
          "count": 2,
          "name": "CONCATENATION",
        },
      ],
      "outputs": [
        {
          "name": "regressors",
          "type": "float32[1, 896, 16]",
        },
        {
          "name": "classificators",
          "type": "float32[1, 896, 1]",
        },
      ],
      "parameterBytes": 203132,
      "parameters": 101478,
    }
  `);
});
