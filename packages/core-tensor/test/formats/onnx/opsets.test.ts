import { describe, expect, test } from "vitest";
import { OnnxError, type ReadOnnxOptions, readOnnx, writeOnnx } from "../../../src/formats/onnx/index.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import type { Graph } from "../../../src/ops/program.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { type PackedModel, type PackedSet, readPack } from "./pack.ts";
import { type Tolerances, carriesHalves, expectValues, runOrt, unpackValues } from "./values.ts";

// Models in versions 7 to 21 of the operators: attributes that became inputs, defaults that changed, what is around the
// operators in a file. onnxruntime computes the expected outputs from the model as it is, here in the test; where it has
// no kernel, the fixture holds them.

/** What is refused when it is read, and what the error says. Sizes that come with the inputs: see `decidable`. */
const refused: Readonly<Record<string, RegExp>> = {
  // types
  cast_to_uint16: /UINT16 is not supported/,
  cast_to_int16: /INT16 is not supported/,
  cast_to_uint32: /UINT32 is not supported/,
  cast_to_uint64: /UINT64 is not supported/,
  cast_to_string: /STRING is not supported/,
  cast_to_float8: /FLOAT8E4M3FN is not supported/,
  constant_12_string: /Constant: with the attribute "value_string"/,
  data_uint64_data: /UINT64 is not supported/,
  data_uint32_data: /UINT32 is not supported/,
  data_uint16_data: /UINT16 is not supported/,
  data_string_data: /STRING is not supported/,
  quantizelinear_21_uint16: /UINT16 is not supported/,
  quantizelinear_19_float8: /FLOAT8E4M3FN is not supported/,
  // operators, and operator sets
  bitshift_11: /BitShift: this operator is not supported/,
  bitwiseand_18: /BitwiseAnd: this operator is not supported/,
  bitwisenot_18: /BitwiseNot: this operator is not supported/,
  gridsample_16: /GridSample: this operator is not supported/,
  unique_11: /Unique: this operator is not supported/,
  refused_operator: /NoSuchOperator: this operator is not supported/,
  refused_random: /RandomNormalLike: this operator is not supported/,
  refused_several: /NoSuchOperator: .*\n.*Det: .*\n.*AlsoUnknown: /,
  refused_domain: /FusedThing: the operator set "com.example" is not supported/,
  refused_ml: /Scaler: the operator set "ai.onnx.ml" is not supported/,
  refused_recursive_function: /Again/,
  // attributes
  averagepool_11_3d: /AveragePool: over 3 spatial axes/,
  batchnormalization_15_training: /BatchNormalization: in training mode/,
  batchnormalization_7_not_spatial: /BatchNormalization: with spatial = 0/,
  conv_11_3d: /Conv: over 3 spatial axes/,
  conv_11_3d_1x1x1: /Conv: over 3 spatial axes/,
  convtranspose_11_3d: /ConvTranspose: over 3 spatial axes/,
  dropout_13_training: /Dropout: in training mode/,
  maxpool_11_3d: /MaxPool: over 3 spatial axes/,
  resize_11_crop: /Resize: coordinate_transformation_mode="tf_crop_and_resize"/,
  scan_8: /Scan: as of opset 8/,
  scan_8_reverse: /Scan: as of opset 8/,
  scan_8_lengths: /Scan: as of opset 8/,
  scatter_9: /Scatter: updates that do not cover the axes/,
  scatterelements_11: /ScatterElements: updates that do not cover the axes/,
  scatterelements_16_mul: /ScatterElements: reduction="mul"/,
  scatterelements_18_max: /ScatterElements: reduction="max"/,
  scatterelements_18_min: /ScatterElements: reduction="min"/,
  scatterelements_18_mul: /ScatterElements: reduction="mul"/,
  scatternd_16_mul: /ScatterND: reduction="mul"/,
  scatternd_18_max: /ScatterND: reduction="max"/,
  scatternd_18_min: /ScatterND: reduction="min"/,
  scatternd_18_mul: /ScatterND: reduction="mul"/,
  // shapes that depend on the data, or are not what symbolic dimensions express
  dims_unknown_binary: /Add: /,
  if_given_shapes_differ: /If: a condition that is known only at run time, with branches of different types/,
  loop_forever: /Loop: a loop without a number of steps/,
  loop_given_condition: /Loop: a loop with a condition that is known only at run time, and stacked results/,
  loop_growing: /Loop/,
  nonzero_13: /NonZero: the elements .* must be known/,
  range_by_nonzero: /NonZero: the elements .* must be known/,
  range_symbolic_step: /Range: a symbolic range that the step does not divide/,
  rank_unknown: /input "x": the file does not say its shape/,
  rank_unknown_matmul: /input "x": the file does not say its shape/,
  shape_halves: /Slice: starts .* must be known/,
  shape_where: /Expand: /,
  unused_unsupported: /NonZero: the elements .* must be known/,
};

/** Inputs that decide about shapes, or about what is computed: refused, until they are given as `values`. */
const decidable: Readonly<Record<string, readonly string[]>> = {
  compress_11: ["c"],
  dropout_13_training_given: ["t"],
  expand_given_shape: ["s"],
  loop_given_count: ["n"],
  pad_11_value_given: ["v"],
  range_given_limit: ["b"],
  reducesum_13_given_axes: ["a"],
  reshape_given_shape: ["s"],
  slice_given_start: ["s"],
  topk_11_given_k: ["k"],
};

/** Not a model of ONNX as it is read here: another kind of error, with this code. */
const invalid: Readonly<Record<string, string>> = {
  refused_opset: "unknown-opset",
  refused_old_opset: "unknown-opset",
};

/** Some ulps: the engine takes sums and elementary functions in float32, the reference in double precision. */
const tolerances: Tolerances = { float32: [1e-5, 1e-6], float64: [1e-9, 1e-12], float16: [1e-3, 1e-4] };
/** The engine computes the weights of cubic resizing in float32; they cancel. */
const cubicTolerances: Tolerances = { float32: [1e-5, 1e-5] };

const pack = readPack("opsets.pack.gz");
const find = (name: string): PackedModel => pack.find((one) => one.name === name) as PackedModel;
const read = ({ model, files }: PackedModel, options: ReadOnnxOptions = {}): Graph =>
  readOnnx(model, { external: files, ...options });

/** The outputs that the fixture holds, or else what onnxruntime makes of the original. */
function wanted({ model, files }: PackedModel, set: PackedSet): Promise<Record<string, Tensor | undefined>> {
  return set.outputs.length > 0
    ? Promise.resolve(unpackValues(set.outputs))
    : runOrt(model, unpackValues(set.inputs), files);
}

/** The reference, and onnxruntime on the model that is written again, give what is wanted. */
async function expectAgreement(
  graph: Graph,
  given: Readonly<Record<string, HostTensor>>,
  want: Readonly<Record<string, Tensor | undefined>>,
  label: string,
): Promise<void> {
  const close = label.includes("cubic") ? cubicTolerances : tolerances;
  expectValues(interpret(graph, given), want, close, label);
  // An output that is an input is a value of its own in the file that we write.
  const written = Object.entries(want).map(([name, value]) => [
    graph.inputs.includes(name) ? `${name}_output` : name,
    value,
  ]);
  const again = await runOrt(writeOnnx(graph), given);
  // onnxruntime's JavaScript interface has no place for an output of this name.
  if (graph.outputs.some(({ name }) => name === "__proto__")) return;
  expectValues(again, Object.fromEntries(written), close, `${label}, written again`);
}

const isSymbolic = ({ inputs, types }: Graph): boolean =>
  inputs.some((name) => types[name]?.shape.some((dim) => typeof dim === "string"));

const claimed = pack.filter(({ name }) => !(name in refused || name in decidable || name in invalid));
const named = (list: readonly PackedModel[]): [string, PackedModel][] => list.map((one) => [one.name, one]);

test("how much is read", () => {
  const tables = [refused, decidable, invalid].map((table) => Object.keys(table));
  for (const name of tables.flat()) expect(find(name), name).toBeDefined();
  expect([claimed.length, ...tables.map(({ length }) => length)]).toEqual([1417, 59, 10, 2]);
});

describe("read, the reference and onnxruntime agree on", () => {
  // Where onnxruntime's interface does not carry float16 there is no second opinion on it.
  const judged = claimed.filter(({ name }) => carriesHalves || !name.includes("float16"));

  test.each(named(judged))("%s", async (name, one) => {
    const graph = read(one);
    for (const [i, set] of one.sets.entries()) {
      const given = unpackValues(set.inputs);
      const want = await wanted(one, set);
      await expectAgreement(graph, given, want, `${name}, set ${i}`);
      if (!isSymbolic(graph)) continue;
      // The same with the numbers that the inputs have.
      const shapes = Object.fromEntries(set.inputs.map((value) => [value.name, value.shape as readonly number[]]));
      const fixed = read(one, { shapes });
      expect(isSymbolic(fixed)).toBe(false);
      await expectAgreement(fixed, given, want, `${name}, set ${i}, with numbers for dimensions`);
    }
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("refused", () => {
  test.each(Object.entries(refused))("%s", (name, reason) => {
    const error = thrownBy(() => read(find(name)));
    expect(error).toBeInstanceOf(UnsupportedError);
    const { message } = error as Error;
    expect(message).toMatch(reason);
    // Reasons are sentences: names in them may be long, the path to a node should not be.
    expect(message.length).toBeLessThan(1000);
  });

  test.each(Object.entries(invalid))("%s", (name, code) => {
    const error = thrownBy(() => read(find(name)));
    expect(error).toBeInstanceOf(OnnxError);
    expect((error as OnnxError).code).toBe(code);
  });
});

describe("refused until its value is known", () => {
  test.each(Object.entries(decidable))("%s", async (name, inputs) => {
    const one = find(name);
    const [set] = one.sets as [PackedSet];
    const error = thrownBy(() => read(one));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toMatch(/must be known/);
    const values = unpackValues(set.inputs.filter((value) => inputs.includes(value.name)));
    const given = unpackValues(set.inputs.filter((value) => !inputs.includes(value.name)));
    const graph = read(one, { values });
    expect(graph.inputs).toEqual(Object.keys(given));
    await expectAgreement(graph, given, await wanted(one, set), name);
  });
});

describe("around the operators", () => {
  test("inputs, outputs, constants and values keep their names", () => {
    const graph = read(find("slice_computed"));
    expect(graph.inputs).toEqual(["x"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y"]);
    const weights = read(find("constants_ir_4"));
    expect(Object.keys(weights.constants)).toEqual(["w"]);
    const chain = read(find("names_odd"));
    const names = ["onnx::Add_1", "a/b.c:0", "Größe 😀", "1", "__proto__", "constructor", "x y", "(z)"];
    expect(Object.keys(chain.types)).toEqual(expect.arrayContaining(names));
  });

  test("constants that are inputs too are constants", () => {
    for (const name of ["constants_ir_3", "constants_default"]) {
      const graph = read(find(name));
      expect([graph.inputs, Object.keys(graph.constants)], name).toEqual([["x"], ["w"]]);
    }
  });

  test("inputs that nothing reads stay", () => {
    expect(read(find("unused")).inputs).toEqual(["x", "spare"]);
  });

  test("named dimensions are symbolic, and numbers can be given for them", () => {
    const one = find("dims_named");
    const shapeOf = (graph: Graph): unknown => graph.types["x"]?.shape;
    expect(shapeOf(read(one))).toEqual(["n", "m"]);
    expect(shapeOf(read(one, { dims: { m: 3 } }))).toEqual(["n", 3]);
    expect(shapeOf(read(one, { shapes: { x: ["rows", 3] } }))).toEqual(["rows", 3]);
  });

  test("dimensions without a name get one", () => {
    expect(read(find("dims_unknown")).types["x"]?.shape).toEqual(["x_0", "x_1"]);
  });

  test.each(["rank_unknown", "rank_unknown_matmul", "dims_unknown_binary", "shape_where"])(
    "%s: read with the shapes of its inputs",
    async (name) => {
      const one = find(name);
      for (const set of one.sets) {
        const shapes = Object.fromEntries(set.inputs.map((value) => [value.name, value.shape as readonly number[]]));
        await expectAgreement(read(one, { shapes }), unpackValues(set.inputs), await wanted(one, set), name);
      }
    },
  );

  test("external data that are not given", () => {
    const error = thrownBy(() => readOnnx(find("external").model));
    expect((error as OnnxError).code).toBe("external-missing");
  });

  test("external data from a function", () => {
    const { model, files } = find("external_two_files");
    const asked: string[] = [];
    const external = (location: string): Uint8Array | undefined => {
      asked.push(location);
      return files[location];
    };
    expect(Object.keys(readOnnx(model, { external }).constants).sort()).toEqual(["b", "w"]);
    expect(asked.sort()).toEqual(["a.bin", "sub/b.bin"]);
  });
});
