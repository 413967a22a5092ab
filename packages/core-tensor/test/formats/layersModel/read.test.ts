import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ArgumentError, FormatError, interpret, tensor, UnsupportedError } from "@parsimony/core-tensor";
import { LayersModelError, readLayersModel } from "@parsimony/core-tensor/layers-model";

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Fixture {
  readonly model: object;
  readonly weights: string;
  readonly image: Numbers;
  readonly outputs: Readonly<Record<string, Numbers>>;
}

const text = readFileSync(new URL("fixtures/layers.json", import.meta.url), "utf8");
const fixture = JSON.parse(text) as Fixture;
const weights = new Uint8Array(Buffer.from(fixture.weights, "base64"));
const shapes = { image: [1, 9, 7, 4] };
const image = tensor(Float32Array.from(fixture.image.data), { shape: fixture.image.shape });

type Path = readonly (string | number)[];
type Branch = Record<string | number, unknown>;

/** A copy of the fixture's model with other values at some places; undefined takes a value away. */
function changed(...changes: readonly (readonly [path: Path, value: unknown])[]): object {
  const copy = (JSON.parse(text) as Fixture).model;
  for (const [path, value] of changes) {
    let place = copy as Branch;
    for (const key of path.slice(0, -1)) place = place[key] as Branch;
    place[path.at(-1) as string] = value;
  }
  return copy;
}

const layersPath: Path = ["modelTopology", "model_config", "config", "layers"];
const layers = layersPath.reduce<unknown>((value, key) => (value as Branch)[key], fixture.model) as Branch[];

/** Where something of a layer stands in the model. */
function at(layer: string, ...path: Path): Path {
  return [...layersPath, layers.findIndex(({ name }) => name === layer), ...path];
}

describe("a model with layers of all kinds", () => {
  const graph = readLayersModel({ model: fixture.model, weights }, { shapes });

  test.each(Object.keys(fixture.outputs))("%s has the numbers that torch gives in float64", (name) => {
    const { shape, data } = fixture.outputs[name] as Numbers;
    const found = interpret(graph, { image })[name];
    expect(found?.shape).toEqual(shape);
    const values = found?.dataSync() as Float32Array;
    for (const [i, value] of values.entries()) {
      expect(Math.abs(value - (data[i] as number))).toBeLessThan(2e-5 * (1 + Math.abs(data[i] as number)));
    }
  });

  test("values and weights bear the model's names; the second use of a layer has a number", () => {
    expect(graph.name).toBe("layers");
    expect(graph.inputs).toEqual(["image"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(Object.keys(fixture.outputs));
    expect(graph.types["dilated_1"]?.shape).toEqual([1, 6, 5, 7]);
    expect(graph.constants["conv/kernel"]?.shape).toEqual([6, 2, 3, 2]);
    expect(readLayersModel({ model: fixture.model, weights }, { shapes, name: "other" }).name).toBe("other");
  });

  test("the batch may stay open, heights and widths may not", () => {
    const open = readLayersModel({ model: fixture.model, weights }, { shapes: { image: ["n", 9, 7, 4] } });
    expect(open.types["image"]?.shape).toEqual(["n", 9, 7, 4]);
    const read = (): unknown => readLayersModel({ model: fixture.model, weights });
    expect(read).toThrow(expect.objectContaining({ code: "dynamic-shape" }));
    expect(() => readLayersModel({ model: fixture.model, weights }, { shapes: { other: [1] } })).toThrow(ArgumentError);
    expect(() => readLayersModel({ model: fixture.model, weights }, { shapes: { image: [1, 9] } })).toThrow(
      ArgumentError,
    );
  });
});

test("a sequence is a chain of layers; the first says what it takes", () => {
  const layers = [
    { class_name: "Dense", config: { name: "a", batch_input_shape: [null, 2], units: 1, activation: "relu" } },
    { class_name: "Dense", config: { name: "b", units: 1, use_bias: false } },
  ];
  const entry = (name: string, shape: number[]): object => ({ name, shape, dtype: "float32" });
  const manifest = [
    { paths: [], weights: [entry("a/kernel", [2, 1]), entry("a/bias", [1]), entry("b/kernel", [1, 1])] },
  ];
  const model = (config: object): object => ({
    modelTopology: { class_name: "Sequential", config },
    weightsManifest: manifest,
  });
  const bytes = new Uint8Array(Float32Array.of(1, 2, -1, 10).buffer);
  for (const config of [layers, { name: "chain", layers }]) {
    const graph = readLayersModel({ model: model(config), weights: bytes });
    expect(graph.inputs).toEqual(["a_input"]);
    expect(
      interpret(graph, {
        a_input: [
          [3, 4],
          [-9, 0],
        ].map((row) => row) as never,
      })["b"]?.toArray(),
    ).toEqual([[100], [0]]);
  }
});

test("images with channels first keep their order", () => {
  const config = { name: "up", data_format: "channels_first", size: [2, 1], batch_input_shape: [1, 2, 1, 2] };
  const model = {
    modelTopology: { class_name: "Sequential", config: [{ class_name: "UpSampling2D", config }] },
    weightsManifest: [],
  };
  const graph = readLayersModel({ model, weights: new Uint8Array(0) });
  expect(interpret(graph, { up_input: tensor([[[[1, 2]], [[3, 4]]]]) })["up"]?.toArray()).toEqual([
    [
      [
        [1, 2],
        [1, 2],
      ],
      [
        [3, 4],
        [3, 4],
      ],
    ],
  ]);
});

describe("refusals", () => {
  const read = (model: unknown, bytes: Uint8Array = weights): unknown =>
    readLayersModel({ model, weights: bytes }, { shapes });
  const faultOf = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };

  test("every layer of an unknown class, by name", () => {
    const model = changed([at("sum", "class_name"), "Attention"], [at("flat", "class_name"), "GRU"]);
    const fault = faultOf(() => read(model));
    expect(fault).toBeInstanceOf(UnsupportedError);
    expect((fault as UnsupportedError).reasons).toEqual([
      expect.stringContaining('"Attention" ("sum")'),
      expect.stringContaining('"GRU" ("flat")'),
    ]);
  });

  test.each<[string, Path, unknown, string, string]>([
    ["no topology", ["modelTopology"], undefined, "invalid-json", "model.modelTopology"],
    ["a field of another type", at("conv", "config", "strides"), "2", "invalid-json", "config.strides"],
    ["a stride of 0", at("conv", "config", "strides"), [0, 1], "invalid-json", "config.strides[0]"],
    [
      "a layer that is not there",
      at("sum", "inbound_nodes", 0, 0, 0),
      "nobody",
      "invalid-topology",
      "inbound_nodes[0][0]",
    ],
    ["a circle", at("conv", "inbound_nodes", 0, 0, 0), "dilated", "invalid-topology", "inbound_nodes"],
    ["two layers of one name", [...layersPath, layers.length], layers.at(-1), "invalid-topology", "layers["],
    ["weights that are missing", ["weightsManifest", 0, "weights", 0, "name"], "other", "invalid-layer", "layers["],
    ["shapes that do not fit", at("conv", "config", "groups"), 4, "invalid-layer", "layers["],
    ["a window larger than the image", at("mean", "config"), { pool_size: [99, 99] }, "invalid-layer", "layers["],
    ["a format that is none", at("max", "config", "data_format"), "sideways", "invalid-layer", "layers["],
  ])("%s", (_, path, value, code, where) => {
    const fault = faultOf(() => read(changed([path, value])));
    expect(fault).toBeInstanceOf(LayersModelError);
    expect(fault).toMatchObject({ code, path: expect.stringContaining(where) });
  });

  test("weights with too few or too many bytes: the byte is named", () => {
    expect(faultOf(() => read(fixture.model, weights.slice(0, -1)))).toMatchObject({
      code: "invalid-weights",
      message: expect.stringMatching(/at byte \d+/),
    });
    expect(faultOf(() => read(fixture.model, new Uint8Array([...weights, 0])))).toMatchObject({
      code: "invalid-weights",
      offset: weights.length,
    });
  });

  test("any value of the JSON replaced by any other: read, or refused with a typed error", () => {
    const junk: readonly unknown[] = [null, -1, 0, 1e9, 0.5, "", "conv", [], {}, true];
    let refused = 0;
    for (const path of pathsOf(fixture.model)) {
      const value = junk[(path.length + path.join().length) % junk.length];
      const model = changed([path, value]);
      const fault = faultOf(() => read(model));
      if (!(fault instanceof Error)) continue;
      refused++;
      if (!(fault instanceof FormatError || fault instanceof UnsupportedError || fault instanceof ArgumentError))
        throw fault;
    }
    expect(refused).toBeGreaterThan(100);
  });
});

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  const below = Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]));
  return path.length === 0 ? below : [[...path], ...below];
}
