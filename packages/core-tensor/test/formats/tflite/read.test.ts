import { type Graph, type Tensor, UnsupportedError, checkGraph, interpret, tensor } from "@parsimony/core-tensor";
import { TfliteError, type TfliteErrorCode, readTflite } from "@parsimony/core-tensor/tflite";
import { describe, expect, test } from "vitest";
import { type ModelSpec, type TensorSpec, buildModel } from "./build.ts";
import { evaluate, noise, single } from "./models.ts";

const conv = { padding: 0, strideH: 1, strideW: 1 };

/** Two convolutions with an activation between them and the sum of their results, then a reshape. */
const residual: ModelSpec = {
  name: "main",
  tensors: [
    { name: "image", shape: [1, 4, 5, 2] },
    { name: "w1", shape: [2, 3, 3, 2], data: [...noise(36, 1)] },
    { name: "b1", shape: [2], data: [0.5, -0.5] },
    { name: "features", shape: [1, 4, 5, 2] },
    { name: "w2", shape: [1, 3, 3, 2], data: [...noise(18, 2)] },
    { name: "more", shape: [1, 4, 5, 2] },
    { name: "sum", shape: [1, 4, 5, 2] },
    { name: "shape", type: "int32", shape: [2], data: [1, -1] },
    { name: "flat", shape: [1, 40] },
  ],
  inputs: [0],
  outputs: [8, 3],
  operators: [
    { op: "CONV_2D", inputs: [0, 1, 2], outputs: [3], options: { ...conv, activation: 1 } },
    { op: "DEPTHWISE_CONV_2D", inputs: [3, 4], outputs: [5], options: conv },
    { op: "ADD", inputs: [3, 5], outputs: [6] },
    { op: "RESHAPE", inputs: [6, 7], outputs: [8] },
  ],
};

describe("the program", () => {
  test("is a sound graph with the file's name, inputs and outputs", () => {
    const graph = readTflite(buildModel(residual));
    expect(() => checkGraph(graph)).not.toThrow();
    expect(graph.name).toBe("main");
    expect(readTflite(buildModel(residual), { name: "mine" }).name).toBe("mine");
    expect(readTflite(buildModel({ ...residual, name: "" })).name).toBe("tflite");
    expect(graph.inputs).toEqual(["image"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["flat", "features"]);
  });

  test("images are moved at the input, and where the file's order is asked for", () => {
    const { nodes, types } = readTflite(buildModel(residual));
    expect(nodes.map(({ op }) => op)).toEqual([
      "transpose",
      "conv2d",
      "add",
      "relu",
      "conv2d",
      "add",
      "transpose",
      "reshape",
      "transpose",
    ]);
    // A value in between is held with its channels first; one that is an output bears its name in the file's order.
    expect(types["sum"]?.shape).toEqual([1, 2, 4, 5]);
    expect(types["features"]?.shape).toEqual([1, 4, 5, 2]);
  });

  test("agrees with onnxruntime", async () => {
    await evaluate(buildModel(residual), { image: tensor(noise(40, 3), { shape: [1, 4, 5, 2] }) });
  });

  test("data may lie behind the flatbuffer, as in files above 2 GB", async () => {
    const inputs = { image: tensor(noise(40, 3), { shape: [1, 4, 5, 2] }) };
    const inside = await evaluate(buildModel(residual), inputs);
    const outside = await evaluate(buildModel({ ...residual, outside: true }), inputs);
    expect(outside).toEqual(inside);
  });

  test("a Buffer, and bytes at an odd offset, give the same program", () => {
    const bytes = buildModel(residual);
    const run = (graph: Graph): unknown =>
      interpret(graph, { image: tensor(noise(40, 3), { shape: [1, 4, 5, 2] }) })["flat"]?.toArray();
    const expected = run(readTflite(bytes));
    const odd = new Uint8Array(bytes.length + 3);
    odd.set(bytes, 3);
    expect(run(readTflite(Buffer.from(bytes)))).toEqual(expected);
    expect(run(readTflite(odd.subarray(3)))).toEqual(expected);
  });

  test("TRANSPOSE moves nothing: images with their channels first need no move at all", () => {
    const graph = readTflite(
      buildModel({
        tensors: [
          { name: "x", shape: [1, 2, 4, 5] },
          { shape: [4], type: "int32", data: [0, 2, 3, 1] },
          { name: "nhwc", shape: [1, 4, 5, 2] },
          { name: "w", shape: [3, 1, 1, 2], data: [...noise(6, 1)] },
          { name: "y", shape: [1, 4, 5, 3] },
          { shape: [4], type: "int32", data: [0, 3, 1, 2] },
          { name: "nchw", shape: [1, 3, 4, 5] },
        ],
        inputs: [0],
        outputs: [6],
        operators: [
          { op: "TRANSPOSE", inputs: [0, 1], outputs: [2] },
          { op: "CONV_2D", inputs: [2, 3], outputs: [4], options: conv },
          { op: "TRANSPOSE", inputs: [4, 5], outputs: [6] },
        ],
      }),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(["conv2d"]);
    expect(graph.types[graph.outputs[0]?.value as string]?.shape).toEqual([1, 3, 4, 5]);
  });

  test("values of fewer axes are laid beside an image with its channels first", async () => {
    const model = buildModel({
      tensors: [
        { name: "x", shape: [1, 2, 3, 2] },
        { shape: [2, 1, 1, 2], data: [1, 0, 0, 1] },
        { name: "conv", shape: [1, 2, 3, 2] },
        { name: "row", shape: [3, 1] },
        { name: "y", shape: [1, 2, 3, 2] },
        { shape: [2, 1, 2], data: [1, 2, 3, 4] },
        { name: "z", shape: [1, 2, 3, 2] },
      ],
      inputs: [0, 3],
      outputs: [6],
      operators: [
        { op: "CONV_2D", inputs: [0, 1], outputs: [2], options: conv },
        { op: "MUL", inputs: [2, 3], outputs: [4] },
        { op: "ADD", inputs: [5, 4], outputs: [6] },
      ],
    });
    const { z } = await evaluate(model, {
      x: tensor(
        Float32Array.from({ length: 12 }, (_, i) => i),
        { shape: [1, 2, 3, 2] },
      ),
      row: tensor([[1], [10], [100]]),
    });
    expect(z?.toArray()).toEqual([
      [
        [
          [1, 3],
          [21, 32],
          [401, 502],
        ],
        [
          [9, 11],
          [83, 94],
          [1003, 1104],
        ],
      ],
    ]);
  });

  test("an output that is an input, a constant, or listed twice", () => {
    const graph = readTflite(
      buildModel({
        tensors: [
          { name: "x", shape: [2] },
          { name: "c", shape: [2], data: [1, 2] },
        ],
        inputs: [0],
        outputs: [0, 1, 0],
        operators: [],
      }),
    );
    expect(graph.outputs.map(({ name }) => name)).toEqual(["x", "c", "x_1"]);
    const { x, c } = interpret(graph, { x: [3, 4] });
    expect([x?.toArray(), c?.toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test("tensors without elements", () => {
    const graph = readTflite(single("CONCATENATION", [{ shape: [2] }, { shape: [0], data: [] }], [{}], { axis: 0 }));
    expect(interpret(graph, { x0: [1, 2] })["y0"]?.toArray()).toEqual([1, 2]);
  });
});

describe("names", () => {
  const named = (...names: readonly string[]): string[] => {
    const tensors = names.map((name): TensorSpec => ({ name, shape: [1] }));
    const inputs = names.map((_, i) => i);
    return [...readTflite(buildModel({ tensors, inputs, outputs: [0], operators: [] })).inputs];
  };

  test("are the file's, made unique by the number of the tensor", () => {
    expect(named("a", "b:0", "größe")).toEqual(["a", "b:0", "größe"]);
    expect(named("a", "a", "a")).toEqual(["a", "a_1", "a_2"]);
    expect(named("", "x", "")).toEqual(["tensor_0", "x", "tensor_2"]);
    expect(named("a", "a", "a_1")).toEqual(["a", "a_1_", "a_1"]);
    expect(named("__proto__", "constructor")).toEqual(["__proto___0", "constructor"]);
  });
});

describe("open dimensions", () => {
  const model = (signature: readonly number[]): Uint8Array =>
    single("RELU", [{ shape: signature.map((dim) => Math.max(dim, 1)), signature }], [{}]);

  test("the first is the symbol batch", () => {
    const graph = readTflite(model([-1, 3]));
    expect(graph.types["y0"]?.shape).toEqual(["batch", 3]);
    expect(
      (
        interpret(graph, {
          x0: [
            [1, -2, 3],
            [4, 5, -6],
          ],
        })["y0"] as Tensor
      ).shape,
    ).toEqual([2, 3]);
  });

  test("shapes give others a length, or a name", () => {
    expect(readTflite(model([-1, -1, 4]), { shapes: { x0: [1, 7, 4] } }).types["y0"]?.shape).toEqual([1, 7, 4]);
    expect(readTflite(model([-1, -1, 4]), { shapes: { x0: ["n", "rows", 4] } }).types["y0"]?.shape).toEqual([
      "n",
      "rows",
      4,
    ]);
  });

  test("shapes also change what the file fixed", () => {
    const file = buildModel({ ...residual, operators: residual.operators.slice(0, 1), outputs: [3] });
    const graph = readTflite(file, { shapes: { image: ["n", 8, 6, 2] } });
    expect(graph.types["features"]?.shape).toEqual(["n", 8, 6, 2]);
  });

  test.each([
    ["another name", { image: [1] }, /shapes\["image"\]: expected one of the inputs "x0"/],
    ["another rank", { x0: [1] }, /expected 2 dimensions, as in \[-1, 3\], got \[1\]/],
    ["no dimension", { x0: [1, -3] }, /expected whole dimensions >= 0/],
    ["no name", { x0: ["a b", 3] }, /an array of whole numbers and names/],
    ["no array", { x0: 3 as unknown as number[] }, /an array of whole numbers and names, got 3/],
  ] as [string, Record<string, (number | string)[]>, RegExp][])("refused: %s", (_title, shapes, message) => {
    expect(() => readTflite(model([-1, 3]), { shapes })).toThrow(message);
  });
});

describe("what cannot be read", () => {
  const refusal = (spec: ModelSpec): UnsupportedError => {
    try {
      readTflite(buildModel(spec));
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedError);
      return error as UnsupportedError;
    }
    return expect.fail("expected an error");
  };

  test("is listed at once: operators by name and number, types, subgraphs", () => {
    const error = refusal({
      tensors: [
        { name: "x", shape: [1] },
        { name: "text", type: "string", shape: [1] },
        { name: "state", shape: [1], variable: true },
        { name: "far", shape: [1], external: 1 },
        { name: "unused", type: "int16", shape: [1] },
      ],
      inputs: [0],
      outputs: [1],
      subgraphs: 2,
      operators: [
        { op: "LSTM", inputs: [0], outputs: [1] },
        { op: "RELU", inputs: [0], outputs: [2] },
        { op: "CUSTOM", custom: "TFLite_Detection_PostProcess", inputs: [0, 3], outputs: [1] },
        { op: "unknown", code: 199, inputs: [0], outputs: [1] },
        { op: "WHILE", inputs: [0], outputs: [1] },
      ],
    });
    expect(error.message).toMatchInlineSnapshot(`
      "readTflite cannot read this model:
        - 2 subgraphs: only models with one can be read
        - operator 0 (LSTM)
        - operator 2 (custom operator "TFLite_Detection_PostProcess")
        - operator 3 (BUILTIN_199)
        - operator 4 (WHILE)
        - tensor 1 ("text"): elements of STRING
        - tensor 2 ("state"): a variable that keeps its value between runs
        - tensor 3 ("far"): values in another file"
    `);
  });

  test("also what shows only on the way, and nothing that follows from it", () => {
    const error = refusal({
      tensors: [
        { name: "x", shape: [2, 2] },
        { name: "n", type: "int32", shape: [2] },
        { name: "a", shape: [2, 2] },
        { name: "b", shape: [2, 2] },
        { name: "c", shape: [2, 2] },
        { name: "d", type: "int32", shape: [2] },
        { shape: [1], type: "int32", data: [0] },
      ],
      inputs: [0, 1],
      outputs: [4],
      operators: [
        { op: "RESHAPE", inputs: [0, 1], outputs: [2] },
        { op: "RELU", inputs: [2], outputs: [3] },
        { op: "ADD", inputs: [0, 0], outputs: [4], options: { activation: 5 } },
        { op: "MEAN", inputs: [1, 6], outputs: [5], options: {} },
      ],
    });
    expect(error.reasons).toMatchInlineSnapshot(`
      [
        "operator 0 (RESHAPE): shapes that are computed while the program runs",
        "operator 2 (ADD): the fused activation SIGN_BIT",
        "operator 3 (MEAN): mean: operand: expected float32, float64, float16 or bfloat16, got int32; use cast",
      ]
    `);
  });

  test("shuffled weights, batch dimensions of GATHER", () => {
    const dense = single("FULLY_CONNECTED", [{ shape: [1, 1] }, { shape: [1, 1], data: [1] }], [{}], {
      weightsFormat: 1,
    });
    expect(() => readTflite(dense)).toThrow(/FULLY_CONNECTED\): shuffled weights/);
    const gather = single("GATHER", [{ shape: [1, 1] }, { shape: [1, 1], type: "int32" }], [{}], {
      axis: 1,
      batchDims: 1,
    });
    expect(() => readTflite(gather)).toThrow(/GATHER\): batch_dims 1/);
  });
});

describe("damaged files", () => {
  const relu: ModelSpec = {
    tensors: [
      { name: "x", shape: [2] },
      { name: "y", shape: [2] },
    ],
    inputs: [0],
    outputs: [1],
    operators: [{ op: "RELU", inputs: [0], outputs: [1] }],
  };
  const withConstant = (constant: TensorSpec): ModelSpec => ({
    ...relu,
    tensors: [...relu.tensors, constant],
    operators: [{ op: "ADD", inputs: [0, 2], outputs: [1] }],
  });

  const cases: readonly [string, TfliteErrorCode, ModelSpec, RegExp][] = [
    ["another identifier", "not-tflite", { ...relu, identifier: "TFL2" }, /expected the identifier TFL3/],
    ["another version", "not-tflite", { ...relu, version: 2 }, /schema version 3, got 2/],
    ["no subgraph", "invalid-model", { ...relu, subgraphs: 0 }, /expected a subgraph, got none/],
    [
      "an input that leads nowhere",
      "invalid-model",
      { ...relu, inputs: [2] },
      /inputs: expected one of 2 tensors, got number 2/,
    ],
    [
      "an output that leads nowhere",
      "invalid-model",
      { ...relu, outputs: [-1] },
      /outputs: expected one of 2 tensors, got number -1/,
    ],
    ["an input twice", "invalid-model", { ...relu, inputs: [0, 0] }, /tensor 0 \("x"\) is made twice/],
    [
      "a value that is made twice",
      "invalid-model",
      { ...relu, operators: [...relu.operators, ...relu.operators] },
      /tensor 1 \("y"\) is made twice/,
    ],
    [
      "a value that is used before it is made",
      "invalid-model",
      { ...relu, inputs: [] },
      /operator 0 \(RELU\) reads tensor 0 \("x"\) before it is made/,
    ],
    [
      "an output that is never made",
      "invalid-model",
      { ...relu, operators: [] },
      /an output reads tensor 1 \("y"\) before it is made/,
    ],
    [
      "a buffer that leads nowhere",
      "invalid-model",
      withConstant({ shape: [2], buffer: 7 }),
      /expected one of 1 buffers, got number 7/,
    ],
    [
      "too many axes",
      "invalid-tensor",
      withConstant({ shape: new Array<number>(9).fill(1), data: [1] }),
      /at most 8 axes, got 9/,
    ],
    ["a negative dimension", "invalid-tensor", withConstant({ shape: [-2], data: [1] }), /dimensions >= 0, got \[-2\]/],
    ["too few bytes", "invalid-tensor", withConstant({ shape: [2], data: [1] }), /expected 8 bytes for \[2\], got 4/],
    [
      "a bool that is none",
      "invalid-tensor",
      withConstant({ type: "bool", shape: [2], data: [1, 2] }),
      /expected 0 and 1 for booleans/,
    ],
    [
      "a scale below 0",
      "invalid-quantization",
      withConstant({ type: "int8", shape: [2], data: [1, 2], scale: [-1] }),
      /positive scales, got -1/,
    ],
    [
      "a dense tensor far above the file",
      "too-large",
      withConstant({
        shape: [2 ** 30],
        data: [1],
        sparsity: { order: [0], levels: [{ segments: [0, 1], indices: [3] }] },
      }),
      /constants take more memory than 32 times/,
    ],
    [
      "an input of 2^40 elements",
      "too-large",
      { ...relu, tensors: [{ name: "x", shape: [2 ** 20, 2 ** 20] }, { shape: [] }] },
      /more than 2\^31 elements/,
    ],
    [
      "an open dimension behind the first",
      "dynamic-shape",
      { ...relu, tensors: [{ name: "x", shape: [1, 1], signature: [1, -1] }, { shape: [] }] },
      /axis 1 of \[1, -1\] is open; give it a length with the option shapes/,
    ],
    [
      "shapes that do not fit",
      "invalid-operator",
      withConstant({ shape: [3], data: [1, 2, 3] }),
      /operator 0 \(ADD\): add: expected shapes that broadcast/,
    ],
    [
      "options of another operator",
      "invalid-operator",
      { ...relu, operators: [{ op: "SOFTMAX", inputs: [0], outputs: [1], options: {}, optionsType: 3 }] },
      /operator 0 \(SOFTMAX\): expected options of type 9, got 3/,
    ],
    [
      "too few inputs",
      "invalid-operator",
      { ...relu, operators: [{ op: "RELU", inputs: [], outputs: [1] }] },
      /expected an input 0, got 0 inputs/,
    ],
    [
      "too many outputs",
      "invalid-operator",
      {
        ...relu,
        tensors: [...relu.tensors, { shape: [2] }],
        operators: [{ op: "RELU", inputs: [0], outputs: [1, 2] }],
      },
      /expected 1 outputs, got 2/,
    ],
    [
      "a result of another dtype than the file says",
      "invalid-operator",
      {
        ...relu,
        tensors: [
          { name: "x", shape: [2] },
          { shape: [2], type: "int32" },
        ],
      },
      /gives float32, but the file says int32/,
    ],
    [
      "an axis that is none",
      "invalid-operator",
      { ...relu, operators: [{ op: "CONCATENATION", inputs: [0, 0], outputs: [1], options: { axis: 1 } }] },
      /expected an axis of 1, got 1/,
    ],
    [
      "strides of 0",
      "invalid-operator",
      {
        ...relu,
        tensors: [{ name: "x", shape: [1, 2, 2, 1] }, { shape: [] }],
        operators: [{ op: "MAX_POOL_2D", inputs: [0], outputs: [1], options: { filterH: 1, filterW: 1, padding: 1 } }],
      },
      /operator 0 \(MAX_POOL_2D\): .*strides/,
    ],
    [
      "an unknown padding",
      "invalid-operator",
      {
        ...relu,
        tensors: [{ name: "x", shape: [1, 2, 2, 1] }, { shape: [] }],
        operators: [{ op: "MAX_POOL_2D", inputs: [0], outputs: [1], options: { padding: 2 } }],
      },
      /SAME \(0\) or VALID \(1\), got 2/,
    ],
    [
      "an unknown activation",
      "invalid-operator",
      { ...relu, operators: [{ op: "ADD", inputs: [0, 0], outputs: [1], options: { activation: 9 } }] },
      /no activation 9/,
    ],
    [
      "an image of three axes",
      "invalid-operator",
      { ...relu, operators: [{ op: "DEPTH_TO_SPACE", inputs: [0], outputs: [1], options: { block: 2 } }] },
      /an image of four axes, got 1/,
    ],
  ];

  test.each(cases)("%s: %s", (_title, code, spec, message) => {
    const file = buildModel(spec);
    let error: unknown;
    try {
      readTflite(file);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TfliteError);
    const { offset, ...rest } = error as TfliteError;
    expect(rest.code).toBe(code);
    expect((error as TfliteError).message).toMatch(message);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(file.length);
  });

  test("data behind the flatbuffer that reach beyond the file", () => {
    const file = buildModel({ ...residual, outside: true });
    expect(() => readTflite(file.subarray(0, file.length - 4))).toThrow(
      /buffer \d: expected it inside the file, got \d+ bytes at/,
    );
  });

  test("a small file cannot ask for much: float16 constants that are dequantised a thousand times", () => {
    const count = 4000;
    const model = buildModel({
      tensors: [
        { name: "half", type: "float16", shape: [20_000], data: new Array<number>(20_000).fill(0) },
        ...Array.from({ length: count }, (_, i): TensorSpec => ({ name: `y${i}`, shape: [20_000] })),
      ],
      inputs: [],
      outputs: [1],
      operators: Array.from({ length: count }, (_, i) => ({ op: "DEQUANTIZE", inputs: [0], outputs: [i + 1] })),
    });
    expect(() => readTflite(model)).toThrow(/constants take more memory than 32 times/);
  });

  test("shapes that would fill the memory are only written down", () => {
    const tile = single(
      "TILE",
      [
        { shape: [1000], data: new Array<number>(1000).fill(1) },
        { shape: [1], type: "int32", data: [2 ** 20] },
      ],
      [{}],
    );
    expect(readTflite(tile).types["y0"]?.shape).toEqual([1000 * 2 ** 20]);
  });
});
