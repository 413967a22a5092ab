/**
 * What compaction takes away behind a mask at random places (normal weights, nothing trained; LeNet-300-100), and how long it takes:
 *
 *     node --conditions=@parsimony/source --import tsx packages/lottery/bench/compact.ts
 */
import { type Tensor, add, matmul, random, relu, spec, zeros } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { onesMask, pruneByMagnitude } from "@parsimony/lottery";
import { compact, modelGraph } from "@parsimony/lottery/compact";

const normal = (seed: number, shape: readonly number[]) => random.normal(random.key(seed), [...shape]);
const params = {
  w1: normal(1, [784, 300]),
  b1: zeros([300]),
  w2: normal(2, [300, 100]),
  b2: zeros([100]),
  w3: normal(3, [100, 10]),
  b3: zeros([10]),
};
const forward = (p: typeof params, x: Tensor): Tensor => {
  const first = relu(add(matmul(x, p.w1), p.b1));
  return add(matmul(relu(add(matmul(first, p.w2), p.b2)), p.w3), p.b3);
};
const graph = modelGraph(forward, params, spec(["batch", 784]));
for (const density of [0.2, 0.1, 0.05, 0.02]) {
  const mask = pruneByMagnitude(params, onesMask(params), { density });
  const began = performance.now();
  const { graph: smaller, report } = compact(graph, mask);
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  const [direct, effective] = [report.directDensity, report.effectiveDensity].map((each) => (100 * each).toFixed(2));
  console.log(
    `density ${direct} %: ${report.removedUnits} of 400 hidden units go, effective density ${effective} %, ` +
      `${writeOnnx(graph).length} bytes become ${writeOnnx(smaller).length}, ${seconds} s`,
  );
}
