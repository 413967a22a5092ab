import { type HostTensor, type Tensor, cast, mapTree, spec } from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { reference } from "@parsimony/core-tensor/reference";
import {
  classification,
  grasp,
  type Named,
  onesMask,
  pruneAtInit,
  type Scores,
  snip,
  synflow,
} from "@parsimony/lottery";
import { graphModel, modelGraph } from "@parsimony/lottery/compact";
import { afterAll, expect, test } from "vitest";
import { sumOf, torchNet, valuesOf } from "../criteria/nets.ts";

const net = torchNet("conv");
const { loss } = classification(net.forward);
const mask = net.cases[1]?.mask ?? {};
/** The same in float32, as nets are trained. */
const params = mapTree((leaf) => cast(leaf, "float32"), net.params) as unknown as Named;
const batch = { ...net.batch, inputs: cast(net.batch.inputs, "float32") };

const engine = await onnxruntime({ intraOpNumThreads: 1 });
afterAll(() => engine.dispose());

function agree(found: Scores, wanted: Scores, tolerance: number): void {
  for (const name of Object.keys(wanted)) {
    const scale = Math.max(...valuesOf(wanted, name).map(Math.abs));
    const expected = valuesOf(wanted, name);
    valuesOf(found, name).forEach((value, i) =>
      expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(tolerance * scale),
    );
  }
}

test.each([
  ["snip", snip, 1e-5],
  ["grasp", grasp, 1e-4],
] as const)("%s on onnxruntime is that of the reference, and the same bits each time", async (_, make, tolerance) => {
  const criterion = make(loss, [batch], { backend: engine });
  const scores = await criterion(params, mask);
  agree(scores, await make(loss, [batch], { backend: reference() })(params, mask), tolerance);
  expect(await criterion(params, mask)).toEqual(scores);
  await criterion.dispose();
});

test("synflow on onnxruntime computes in float64 though the parameters are float32", async () => {
  const options = { inputShape: net.inputShape };
  const criterion = synflow(net.forward, { ...options, backend: engine });
  const scores = await criterion(params, mask);
  agree(scores, await synflow(net.forward, { ...options, backend: reference() })(params, mask), 1e-12);
  expect(sumOf(scores, "c1") / sumOf(scores, "w3")).toBeCloseTo(1, 12);
  await criterion.dispose();
});

test("without a backend it is onnxruntime, which is freed with the criterion", async () => {
  const criterion = snip(loss, [batch]);
  agree(await criterion(params, mask), await snip(loss, [batch], { backend: engine })(params, mask), 1e-5);
  await criterion.dispose();
});

test("a model from an ONNX file is scored and pruned under the file's names", async () => {
  const file = writeOnnx(modelGraph(net.forward, params, spec(["batch", 2, 8, 8])));
  const model = graphModel(readOnnx(file));
  // The reader folds biases into tensors of rank 3; the names of weights are those that were written.
  const own = onesMask(model.params, { prunable: (name) => ["c1", "c2", "s2", "w3"].includes(name) });
  const forward = (weights: Named<Tensor>, x: Tensor): Tensor => model.forward(weights, x);
  const options = { inputShape: net.inputShape, backend: engine };
  const scores = await synflow(forward, options)(model.params, own);
  agree(scores, await synflow(net.forward, options)(params, own), 1e-6);
  const read = classification(forward);
  agree(
    await snip(read.loss, [batch], { backend: engine })(model.params, own),
    await snip(loss, [batch], { backend: engine })(params, own),
    1e-4,
  );

  const { mask: left, report } = await pruneAtInit(synflow(forward, options), model.params, own, {
    density: 0.1,
    iterations: 20,
  });
  expect(report.collapsed).toEqual([]);
  expect(report.density.kept).toBe(Math.floor(0.1 * report.density.size + 0.5));
  expect((left["c1"] as HostTensor).shape).toEqual([3, 2, 3, 3]);
});
