import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backends/backend.ts";
import { onnxruntime } from "../../../src/backends/onnxruntime/index.ts";
import { readOnnx, writeOnnx } from "../../../src/formats/onnx/index.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { simplify } from "../../../src/graph/simplify/index.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { type PackedModel, type PackedValue, readPack } from "./pack.ts";
import { runOrt, unpackValues } from "./values.ts";

// Networks as torch exports them, in opsets 11 to 17: the reference and onnxruntime give torch's outputs, also for
// other sizes than those that were exported, and after the program was written again.

/** What is not read, and why. */
const refused: Readonly<Record<string, RegExp>> = {
  // Kernels over images whose size is not known: with shapes they are read, below.
  any_size_13: /Conv .*: over the unknown length "height"; give the input's shape/,
  // torch turns it into an average over planes of channels.
  localresponse_11: /AveragePool .*: over 3 spatial axes/,
  localresponse_13: /AveragePool .*: over 3 spatial axes/,
  localresponse_17: /AveragePool .*: over 3 spatial axes/,
};

/** Distance from torch's outputs, relative to the largest of them: some hundred roundings of float32, in another order. */
const closeToTorch = 1e-4;
/** Quantised networks against the outputs before they were quantised: some steps of 8 bits, or of 4. */
const closeToFloat: Readonly<Record<string, number>> = { int4_21: 0.2 };
/**
 * Two engines on a quantised network: where a float lies between two steps they may round apart, and then whole steps
 * of one activation come through. One step of the output is 1/255 of its range.
 */
const closeToEngine = 0.02;

const networks = readPack("torch.pack.gz");
const claimed = networks.filter(({ name }) => !(name in refused));
const quantized = readPack("quantized.pack.gz");
const named = (list: readonly PackedModel[]): [string, PackedModel][] => list.map((one) => [one.name, one]);

/** Compares names, dtypes and shapes, and floats by their distance relative to the largest. */
function expectClose(
  got: Readonly<Record<string, Tensor | undefined>>,
  want: Readonly<Record<string, Tensor | undefined>>,
  relative: number,
  label: string,
): void {
  expect(Object.keys(got), label).toEqual(Object.keys(want));
  for (const [name, value] of Object.entries(want)) {
    const [found, expected] = [got[name] as Tensor, value as Tensor];
    expect([found.dtype, ...found.shape], `${label}: ${name}`).toEqual([expected.dtype, ...expected.shape]);
    const wanted = [...(expected.dataSync() as Float32Array)];
    const values = found.dataSync();
    const scale = Math.max(...wanted.map(Math.abs));
    const worst = Math.max(...wanted.map((number, i) => Math.abs(number - Number(values[i]))));
    expect(worst / scale, `${label}: ${name}`).toBeLessThanOrEqual(relative);
  }
}

let backend: Backend;
beforeAll(async () => {
  backend = await onnxruntime({ intraOpNumThreads: 1 });
});
afterAll(() => backend.dispose());

async function compiled(
  graph: Parameters<Backend["compile"]>[0],
  given: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, Tensor>> {
  const executable = await backend.compile(graph);
  const results = await executable.run(given);
  await executable.dispose();
  return results;
}

describe("exported by torch", () => {
  test.each(named(claimed))("%s", async (name, { model, sets }) => {
    const graph = readOnnx(model);
    const again = writeOnnx(graph);
    const twice = readOnnx(again);
    for (const [i, set] of sets.entries()) {
      const given = unpackValues(set.inputs);
      const want = unpackValues(set.outputs);
      const label = `${name}, size ${i}`;
      expectClose(interpret(graph, given), want, closeToTorch, `${label}, reference`);
      expectClose(await compiled(graph, given), want, closeToTorch, `${label}, onnxruntime`);
      expectClose(await runOrt(again, given), want, closeToTorch, `${label}, written again`);
      if (i === 0) continue;
      expectClose(interpret(twice, given), want, closeToTorch, `${label}, read again`);
      expectClose(interpret(simplify(graph), given), want, closeToTorch, `${label}, simplified`);
    }
  });

  test("most networks are dynamic: one program for both sizes", () => {
    const dynamic = claimed.filter(({ sets: [first, second] }) =>
      first?.inputs.some(({ shape }, i) => `${shape}` !== `${second?.inputs[i]?.shape ?? shape}`),
    );
    expect([claimed.length, dynamic.length]).toEqual([134, 133]);
  });

  test("with the shapes of its inputs, a network for images of any size", () => {
    const { model, sets } = networks.find(({ name }) => name === "any_size_13") as PackedModel;
    for (const set of sets) {
      const shape = (set.inputs[0] as PackedValue).shape as readonly [number, number, number, number];
      const graph = readOnnx(model, { shapes: { x: shape } });
      expectClose(interpret(graph, unpackValues(set.inputs)), unpackValues(set.outputs), closeToTorch, "any_size");
      const [, , height, width] = shape;
      const sized = readOnnx(model, { dims: { height, width } });
      expect(sized.types["x"]?.shape).toEqual(["batch", 2, height, width]);
      expectClose(interpret(sized, unpackValues(set.inputs)), unpackValues(set.outputs), closeToTorch, "any_size");
    }
  });

  test.each(Object.entries(refused))("%s is refused", (name, reason) => {
    const { model } = networks.find((one) => one.name === name) as PackedModel;
    expect(() => readOnnx(model)).toThrow(UnsupportedError);
    expect(() => readOnnx(model)).toThrow(reason);
  });
});

describe("quantised", () => {
  test.each(named(quantized))("%s", async (name, { model, sets }) => {
    const graph = readOnnx(model);
    for (const set of sets) {
      const given = unpackValues(set.inputs);
      const reference = interpret(graph, given);
      expectClose(reference, unpackValues(set.outputs), closeToFloat[name] ?? 0.05, `${name}, before quantisation`);
      const original = await runOrt(model, given);
      expectClose(reference, original, closeToEngine, `${name}, reference`);
      expectClose(await compiled(graph, given), original, closeToEngine, `${name}, compiled`);
      expectClose(await runOrt(writeOnnx(graph), given), original, closeToEngine, `${name}, written again`);
    }
  });

  test("weights stay what they are in the file", () => {
    const dtypes = (name: string): Set<string> => {
      const { model } = quantized.find((one) => one.name === name) as PackedModel;
      return new Set(Object.values(readOnnx(model).constants).map(({ dtype }) => dtype));
    };
    expect(dtypes("qdq_13")).toContain("int8");
    expect(dtypes("integers_13")).toContain("int8");
    expect(dtypes("int4_21")).toContain("int4");
  });
});
