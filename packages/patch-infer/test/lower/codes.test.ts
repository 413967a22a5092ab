import { type Graph, GraphBuilder, HostTensor } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import type { Conv2d } from "../../src/network/layer.ts";
import { requantizationOf } from "../../src/network/quantization.ts";
import { expectSame, kinds } from "./compare.ts";

interface ConvProgram {
  readonly dtype?: "int8" | "uint8";
  readonly weights?: Int8Array;
  /** Input channels. */
  readonly depth?: number;
  readonly biasScales?: "exact" | "float" | "none";
  readonly relu?: boolean;
}

const scales = Float32Array.of(0.02, 0.005);
const [inputScale, outputScale] = [0.5, 0.25].map(Math.fround) as [number, number];

/** dequantize -> conv2d (+ bias, relu) -> quantize, as readers of quantised files write it. */
function convProgram(options: ConvProgram = {}): Graph {
  const { dtype = "int8", depth = 3, biasScales = "exact", relu = false } = options;
  const weights = options.weights ?? Int8Array.from({ length: 2 * depth }, (_, i) => ((i * 37) % 255) - 127);
  const builder = new GraphBuilder("codes");
  const unsigned = dtype === "uint8" ? 128 : 0;
  const zero = (value: number): string =>
    builder.constant(
      new HostTensor(dtype, [], dtype === "uint8" ? Uint8Array.of(value + unsigned) : Int8Array.of(value)),
    );
  const scalar = (value: number): string => builder.constant(new HostTensor("float32", [], Float32Array.of(value)));
  const x = builder.input("x", { dtype, shape: [1, depth, 2, 2] });
  const one = { axis: null, blockSize: 0 } as const;
  const [real] = builder.add("dequantize", [x, scalar(inputScale), zero(-3)], { ...one, dtype: "float32" });
  const parameters = [
    builder.constant(new HostTensor("float32", [2], scales)),
    builder.constant(new HostTensor("int8", [2], new Int8Array(2))),
  ];
  const codes = builder.constant(new HostTensor("int8", [2, depth, 1, 1], weights));
  const perChannel = { axis: 0, blockSize: 0, dtype: "float32" } as const;
  const [w] = builder.add("dequantize", [codes, ...parameters], perChannel);
  const window = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
  let [y] = builder.add("conv2d", [real as string, w as string], window) as [string];
  if (biasScales === "exact") {
    const bias = builder.constant(new HostTensor("int32", [2, 1, 1], Int32Array.of(2 ** 25 + 1, -1001)));
    const steps = builder.constant(
      new HostTensor(
        "float32",
        [2],
        scales.map((scale) => scale * inputScale),
      ),
    );
    const zeros = builder.constant(new HostTensor("int32", [2], new Int32Array(2)));
    const [b] = builder.add("dequantize", [bias, steps, zeros], perChannel);
    [y] = builder.add("add", [y, b as string], {}) as [string];
  } else if (biasScales === "float") {
    const bias = builder.constant(new HostTensor("float32", [2, 1, 1], Float32Array.of(1.237, -0.5)));
    [y] = builder.add("add", [y, bias], {}) as [string];
  }
  if (relu) [y] = builder.add("relu", [y], {}) as [string];
  const [q] = builder.add("quantize", [y, scalar(outputScale), zero(5)], { ...one, dtype });
  builder.output("y", q as string);
  return builder.build();
}

function input(graph: Graph): HostTensor {
  const { dtype, shape } = graph.types["x"] as { dtype: "int8" | "uint8"; shape: number[] };
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = Array.from({ length: count }, (_, i) => (i * 83) % 256);
  const storage = dtype === "uint8" ? Uint8Array.from(numbers) : Int8Array.from(numbers, (code) => code - 128);
  return new HostTensor(dtype, shape, storage);
}

describe("layers of codes", () => {
  test("multipliers by TFLite's rule, bias codes as they are stored", () => {
    const network = toNetwork(convProgram());
    expect(kinds(network)).toEqual(["conv2d8"]);
    const [layer] = network.layers as [Conv2d];
    expect(layer.weights).toBeInstanceOf(Int8Array);
    // A float32 bias would have lost the last bit of the first.
    expect([...layer.bias]).toEqual([2 ** 25 + 1, -1001]);
    expect(layer.requantization).toEqual(requantizationOf(inputScale, scales, outputScale));
    expect(layer.clamp).toEqual({ min: -128, max: 127 });
    expect(network.maps["x"]).toMatchObject({ type: "int8", scale: inputScale, zeroPoint: -3 });
  });

  test("a float bias is rounded to the scale of the sums", () => {
    const [layer] = toNetwork(convProgram({ biasScales: "float" })).layers as [Conv2d];
    expect([...layer.bias]).toEqual([Math.round(1.237 / (0.5 * 0.02)), Math.round(-0.5 / (0.5 * 0.005))]);
  });

  test("an activation becomes a range of codes", () => {
    const [layer] = toNetwork(convProgram({ relu: true })).layers as [Conv2d];
    expect(layer.clamp).toEqual({ min: 5, max: 127 });
  });

  test.each(["int8", "uint8"] as const)("%s: codes within one of the program's", (dtype) => {
    const graph = convProgram({ dtype, biasScales: "float", relu: true });
    const network = toNetwork(graph);
    expect(kinds(network)).toEqual(["conv2d8"]);
    expect(network.inputs[0]?.dtype).toBe(dtype);
    expectSame(network, graph, { x: input(graph) }, 1);
    // uint8 codes are int8 codes with the zero point moved.
    expect(network.maps["x"]?.zeroPoint).toBe(-3);
  });

  test("sums that 32 bits cannot hold are refused", () => {
    const depth = 140_000;
    const graph = convProgram({ depth, weights: new Int8Array(2 * depth).fill(127) });
    expect(() => toNetwork(graph)).toThrowError(
      expect.objectContaining({ code: "BAD_MODEL", message: expect.stringContaining("32 bits") }),
    );
  });
});

test.each(["int8", "uint8"] as const)("the largest %s code of a window", (dtype) => {
  const builder = new GraphBuilder("pool");
  const x = builder.input("x", { dtype, shape: [1, 2, 4, 5] });
  const window = { kernel: [2, 2], strides: [1, 2], pads: [1, 0, 0, 1], dilations: [1, 1] } as const;
  const [y] = builder.add("maxPool2d", [x], window) as [string, string];
  const step = builder.constant(new HostTensor("float32", [], Float32Array.of(0.5)));
  const zero = builder.constant(new HostTensor(dtype, [], dtype === "uint8" ? Uint8Array.of(7) : Int8Array.of(7)));
  const [real] = builder.add("dequantize", [y, step, zero], { axis: null, blockSize: 0, dtype: "float32" });
  builder.output("y", y);
  builder.output("real", real as string);
  const graph = builder.build();
  const network = toNetwork(graph);
  expect(kinds(network)).toEqual(["maxPool2d8", "convert"]);
  expectSame(network, graph, { x: input(graph) }, 0);
});

describe("what is not quantised as it should be", () => {
  test("codes without a scale", () => {
    const builder = new GraphBuilder("bare");
    const x = builder.input("x", { dtype: "int8", shape: [1, 2, 2, 2] });
    builder.output("y", builder.add("reshape", [x], { shape: [1, 8] })[0] as string);
    expect(() => toNetwork(builder.build())).toThrowError(expect.objectContaining({ code: "BAD_MODEL", layer: "x" }));
  });

  test.each([0, -1, Infinity, Number.NaN])("a scale of %d", (scale) => {
    const builder = new GraphBuilder("scale");
    const x = builder.input("x", { dtype: "int8", shape: [1, 2, 2, 2] });
    const step = builder.constant(new HostTensor("float32", [], Float32Array.of(scale)));
    const zero = builder.constant(new HostTensor("int8", [], Int8Array.of(0)));
    const [y] = builder.add("dequantize", [x, step, zero], { axis: null, blockSize: 0, dtype: "float32" });
    builder.output("y", y as string);
    expect(() => toNetwork(builder.build())).toThrowError(expect.objectContaining({ code: "BAD_MODEL" }));
  });

  test("scales per channel of a computed value", () => {
    const builder = new GraphBuilder("scale");
    const x = builder.input("x", { dtype: "float32", shape: [1, 2, 2, 2] });
    const step = builder.constant(new HostTensor("float32", [2], Float32Array.of(1, 2)));
    const zero = builder.constant(new HostTensor("int8", [2], Int8Array.of(0, 0)));
    const [y] = builder.add("quantize", [x, step, zero], { axis: 1, blockSize: 0, dtype: "int8" });
    builder.output("y", y as string);
    expect(() => toNetwork(builder.build())).toThrowError(
      expect.objectContaining({ code: "UNSUPPORTED_OP", message: expect.stringContaining("per channel") }),
    );
  });

  test("codes that are read with another scale than they are written with", () => {
    const builder = new GraphBuilder("scale");
    const x = builder.input("x", { dtype: "float32", shape: [1, 2, 2, 2] });
    const scalar = (value: number): string => builder.constant(new HostTensor("float32", [], Float32Array.of(value)));
    const zero = builder.constant(new HostTensor("int8", [], Int8Array.of(0)));
    const one = { axis: null, blockSize: 0 } as const;
    const [q] = builder.add("quantize", [x, scalar(1), zero], { ...one, dtype: "int8" });
    const [y] = builder.add("dequantize", [q as string, scalar(2), zero], { ...one, dtype: "float32" });
    builder.output("y", y as string);
    expect(() => toNetwork(builder.build())).toThrowError(
      expect.objectContaining({ code: "BAD_MODEL", message: expect.stringContaining("read with 2") }),
    );
  });
});
