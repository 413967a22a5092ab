import { attribute, tensorValue } from "../../../src/formats/onnx/construct.ts";
import {
  type GraphProto,
  type ModelProto,
  type TensorProto,
  dataLocation,
  dataType,
} from "../../../src/formats/onnx/schema.ts";

const { FLOAT, INT4, UINT4, INT64 } = dataType;

export function floats(name: string, dims: readonly number[], values: readonly number[]): TensorProto {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

function model(graph: GraphProto, opset = 21): ModelProto {
  return {
    irVersion: 10,
    producerName: "parsimony",
    producerVersion: "0",
    opsetImport: [{ domain: "", version: opset }],
    graph,
    metadataProps: [{ key: "purpose", value: "test" }],
  };
}

/** y = x W + b for x: [batch, 3]. */
export const linear: ModelProto = model({
  name: "linear",
  input: [tensorValue("x", FLOAT, ["batch", 3])],
  output: [tensorValue("y", FLOAT, ["batch", 2])],
  initializer: [floats("w", [3, 2], [1, 2, 3, 4, 5, 6]), floats("b", [2], [0.5, -0.5])],
  node: [
    { opType: "MatMul", input: ["x", "w"], output: ["xw"], name: "product" },
    { opType: "Add", input: ["xw", "b"], output: ["y"] },
  ],
});

/** Running sums: the body graph adds the row of xs to the state and gives the state out. */
export const runningSum: ModelProto = model({
  name: "running sum",
  input: [tensorValue("start", FLOAT, [2]), tensorValue("xs", FLOAT, ["steps", 2])],
  output: [tensorValue("end", FLOAT, [2]), tensorValue("sums", FLOAT, ["steps", 2])],
  node: [
    {
      opType: "Scan",
      input: ["start", "xs"],
      output: ["end", "sums"],
      attribute: [
        attribute.int("num_scan_inputs", 1),
        attribute.graph("body", {
          name: "body",
          input: [tensorValue("state", FLOAT, [2]), tensorValue("x", FLOAT, [2])],
          output: [tensorValue("next", FLOAT, [2]), tensorValue("sum", FLOAT, [2])],
          node: [
            { opType: "Add", input: ["state", "x"], output: ["next"] },
            { opType: "Identity", input: ["next"], output: ["sum"] },
          ],
        }),
      ],
    },
  ],
});

/** Dequantised int4 weights [-8, -1, 0, 7] and uint4 weights [0, 1, 14, 15], each times 0.5. */
export const fourBits: ModelProto = model({
  name: "four bits",
  input: [],
  output: [tensorValue("signed", FLOAT, [4]), tensorValue("unsigned", FLOAT, [4])],
  initializer: [
    { name: "s4", dims: [4], dataType: INT4, rawData: Uint8Array.of(0xf8, 0x70) },
    { name: "u4", dims: [4], dataType: UINT4, rawData: Uint8Array.of(0x10, 0xfe) },
    floats("scale", [], [0.5]),
  ],
  node: [
    { opType: "DequantizeLinear", input: ["s4", "scale"], output: ["signed"] },
    { opType: "DequantizeLinear", input: ["u4", "scale"], output: ["unsigned"] },
  ],
});

/** Every kind of attribute and typed data field that standard operators take. */
export const attributes: ModelProto = model({
  name: "attributes",
  input: [tensorValue("x", FLOAT, [1, 1, 2, 2])],
  output: [tensorValue("y", FLOAT, [1, 1, 2, 2]), tensorValue("c", FLOAT, [2]), tensorValue("k", INT64, [2])],
  initializer: [{ name: "k0", dims: [2], dataType: INT64, int64Data: [-1, 2n ** 62n] }],
  node: [
    {
      opType: "AveragePool",
      input: ["x"],
      output: ["pooled"],
      attribute: [
        attribute.string("auto_pad", "SAME_UPPER"),
        attribute.ints("kernel_shape", [2, 2]),
        attribute.int("count_include_pad", 0),
      ],
    },
    { opType: "LeakyRelu", input: ["pooled"], output: ["y"], attribute: [attribute.float("alpha", 0.25)] },
    {
      opType: "Constant",
      input: [],
      output: ["c0"],
      attribute: [attribute.tensor("value", { dims: [2], dataType: FLOAT, floatData: [1.5, -2] })],
    },
    { opType: "Constant", input: [], output: ["c1"], attribute: [attribute.floats("value_floats", [1, 2])] },
    { opType: "Add", input: ["c0", "c1"], output: ["c"] },
    { opType: "Identity", input: ["k0"], output: ["k"] },
  ],
});

/** A function of the model's own: y = x + x. */
export const ownFunction: ModelProto = {
  ...model({
    name: "own function",
    input: [tensorValue("x", FLOAT, ["n"])],
    output: [tensorValue("y", FLOAT, ["n"])],
    node: [{ opType: "Twice", domain: "test.own", input: ["x"], output: ["y"] }],
  }),
  opsetImport: [{ version: 21 }, { domain: "test.own", version: 1 }],
  functions: [
    {
      name: "Twice",
      domain: "test.own",
      input: ["a"],
      output: ["b"],
      opsetImport: [{ version: 21 }],
      node: [{ opType: "Add", input: ["a", "a"], output: ["b"] }],
    },
  ],
};

/** The linear model with its weights in a file beside it. */
export const externalWeights: ModelProto = model({
  ...linear.graph,
  initializer: [
    {
      name: "w",
      dims: [3, 2],
      dataType: FLOAT,
      dataLocation: dataLocation.EXTERNAL,
      externalData: [
        { key: "location", value: "weights.bin" },
        { key: "offset", value: "0" },
        { key: "length", value: "24" },
      ],
    },
    floats("b", [2], [0.5, -0.5]),
  ],
});

/** Content of weights.bin. */
export const externalBytes: Uint8Array = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

/** Every model by its file name. */
export const models: Readonly<Record<string, ModelProto>> = {
  linear,
  runningSum,
  fourBits,
  attributes,
  ownFunction,
  externalWeights,
};
