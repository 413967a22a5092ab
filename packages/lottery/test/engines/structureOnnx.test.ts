import { readFileSync } from "node:fs";
import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  batchNorm,
  conv2d,
  flatten,
  globalAvgPool2d,
  interpret,
  matmul,
  maxPool2d,
  random,
  relu,
  spec,
  tensor,
} from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import type { Mask } from "@parsimony/lottery";
import { applyMaskToGraph, compact, modelGraph, pruneUnits, unitGroups } from "@parsimony/lottery/compact";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}
interface TorchCase {
  readonly x: Stored;
  readonly masks: Readonly<Record<string, Stored>>;
  readonly dense: number[];
  readonly masked: number[];
}

const folder = new URL("../fixtures/structure/", import.meta.url);
const torch = JSON.parse(readFileSync(new URL("torch.json", folder), "utf8")) as Record<"conv" | "residual", TorchCase>;
const bool = (bytes: ArrayLike<number>, shape: readonly number[]): HostTensor =>
  tensor(Uint8Array.from(bytes), { shape, dtype: "bool" });

/** What onnxruntime computes for the bytes of a file. */
async function run(bytes: Uint8Array, name: string, x: HostTensor): Promise<number[]> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const feeds = { [name]: new OrtTensor("float32", x.dataSync() as Float32Array, [...x.shape]) };
  const results = await session.run(feeds);
  await session.release();
  return Array.from(Object.values(results)[0]?.data as Float32Array);
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  actual.forEach((value, i) => expect(Math.abs(value - (expected[i] as number)) / scale).toBeLessThan(1e-5));
}

describe.each(["conv", "residual"] as const)("a file from torch (%s)", (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
  const graph = readOnnx(bytes);
  const { x: stored, masks, dense, masked } = torch[name];
  const x = tensor(Float32Array.from(stored.data), { shape: stored.shape });
  const mask: Mask = Object.fromEntries(
    Object.entries(masks).map(([key, { shape, data }]) => [key, bool(data, shape)]),
  );

  test("weights have torch's names, and a mask in torch is the mask here", () => {
    expectClose([...((interpret(graph, { x }).y as HostTensor).dataSync() as Float32Array)], dense);
    expectClose(
      [...((interpret(applyMaskToGraph(graph, mask), { x }).y as HostTensor).dataSync() as Float32Array)],
      masked,
    );
  });

  test.each(["exact", "fold"] as const)(
    "compacted (%s), written, and run by onnxruntime it agrees with torch",
    async (constants) => {
      const { graph: smaller, report } = compact(graph, mask, { constants });
      expect(report.removedUnits).toBeGreaterThan(0);
      expect(report.effectiveDensity).toBeLessThan(report.directDensity);
      const file = writeOnnx(smaller);
      expect(file.length).toBeLessThan(bytes.length);
      expect(file.length).toBeLessThan(writeOnnx(applyMaskToGraph(graph, mask)).length);
      expectClose(await run(file, "x", x), masked);
    },
  );

  test("units pruned, written and read again", async () => {
    const { graph: smaller, mask: units, report } = pruneUnits(graph, { ratio: 0.4 });
    expect(report.macs.after).toBeLessThan(report.macs.before);
    const file = writeOnnx(smaller);
    const expected = (interpret(applyMaskToGraph(graph, units), { x }).y as HostTensor).dataSync() as Float32Array;
    expectClose(await run(file, "x", x), [...expected]);
    expect(unitGroups(readOnnx(file)).map(({ units: count }) => count)).toEqual(
      Object.values(report.units).map(({ after }) => after),
    );
  });
});

type Params = Readonly<Record<string, Tensor>>;
const at = (p: Params, key: string): Tensor => p[key] as Tensor;
const dense = (p: Params, layer: string, x: Tensor): Tensor =>
  add(matmul(x, at(p, `${layer}.weight`)), at(p, `${layer}.bias`));
const conv = (p: Params, layer: string, x: Tensor): Tensor =>
  conv2d(x, at(p, `${layer}.weight`), { pads: 1, bias: at(p, `${layer}.bias`) });
const norm = (p: Params, layer: string, x: Tensor): Tensor =>
  batchNorm(x, at(p, `${layer}.mean`), at(p, `${layer}.variance`), at(p, `${layer}.scale`), at(p, `${layer}.bias`));

interface Net {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly input: readonly number[];
  readonly forward: (p: Params, x: Tensor) => Tensor;
}

const nets: Readonly<Record<string, Net>> = {
  "LeNet-like": {
    shapes: { "first.weight": [64, 48], "second.weight": [48, 24], "out.weight": [24, 10] },
    input: [64],
    forward: (p, x) => dense(p, "out", relu(dense(p, "second", relu(dense(p, "first", x))))),
  },
  "Conv-2-like": {
    shapes: {
      "conv1.weight": [12, 3, 3, 3],
      "conv2.weight": [12, 12, 3, 3],
      "fc1.weight": [12 * 16, 20],
      "fc2.weight": [20, 20],
      "out.weight": [20, 10],
    },
    input: [3, 8, 8],
    forward(p, x) {
      const images = maxPool2d(relu(conv(p, "conv2", relu(conv(p, "conv1", x)))), { kernel: 2 });
      return dense(p, "out", relu(dense(p, "fc2", relu(dense(p, "fc1", flatten(images, 1))))));
    },
  },
  residual: {
    shapes: {
      "stem.weight": [12, 3, 3, 3],
      "conv1.weight": [12, 12, 3, 3],
      "conv2.weight": [12, 12, 3, 3],
      "norm1.scale": [12],
      "norm2.scale": [12],
      "out.weight": [12, 10],
    },
    input: [3, 6, 6],
    forward(p, x) {
      const stem = relu(conv(p, "stem", x));
      const inner = relu(norm(p, "norm1", conv(p, "conv1", stem)));
      return dense(p, "out", globalAvgPool2d(relu(add(norm(p, "norm2", conv(p, "conv2", inner)), stem))));
    },
  },
};

/** The net with random weights, and a random mask of this density without a share of whole units. */
function masked({ shapes, input, forward }: Net, density: number): { graph: Graph; mask: Mask; x: HostTensor } {
  const params: Record<string, HostTensor> = {};
  const mask: Record<string, HostTensor> = {};
  const key = random.key(11);
  Object.entries(shapes).forEach(([name, shape], i) => {
    const layer = name.slice(0, name.indexOf("."));
    const isNorm = name.endsWith("scale");
    const out = shape.length === 2 ? (shape[1] as number) : (shape[0] as number);
    const normal = (stream: number, of: readonly number[]): HostTensor =>
      random.normal(random.foldIn(key, 10 * i + stream), [...of]) as HostTensor;
    params[name] = normal(0, shape);
    params[`${layer}.bias`] = normal(1, [out]);
    if (isNorm) {
      params[`${layer}.mean`] = normal(2, [out]);
      params[`${layer}.variance`] = random.uniform(random.foldIn(key, 10 * i + 3), [out], {
        min: 0.5,
        max: 2,
      }) as HostTensor;
      return;
    }
    const draws = (random.uniform(random.foldIn(key, 10 * i + 4), [...shape]) as HostTensor).dataSync() as Float32Array;
    mask[name] = bool(
      Array.from(draws, (u) => (u < density ? 1 : 0)),
      shape,
    );
  });
  const x = random.normal(random.foldIn(key, 999), [4, ...input]) as HostTensor;
  return { graph: modelGraph(forward, params, spec(["batch", ...input])), mask, x };
}

test.each(Object.entries(nets))("%s: smaller file, same outputs in onnxruntime", async (_name, net) => {
  const { graph, mask, x } = masked(net, 0.03);
  const before = applyMaskToGraph(graph, mask);
  const { graph: smaller, report } = compact(graph, mask, { constants: "fold" });
  expect(report.removedUnits + report.foldedUnits).toBeGreaterThan(0);
  const [large, small] = [writeOnnx(before), writeOnnx(smaller)];
  expect(small.length).toBeLessThan(large.length);
  expectClose(await run(small, "input", x), await run(large, "input", x));
});
