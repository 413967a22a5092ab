import { valueAndGrad } from "../../graph/grad.ts";
import { scan } from "../../graph/scan.ts";
import { simplify } from "../../graph/simplify/index.ts";
import { spec } from "../../graph/spec.ts";
import { trace } from "../../graph/trace.ts";
import { add, div, logSoftmax, matmul, mean, mul, neg, oneHot, pow, sqrt, sub, sum, tanh } from "../../ops/index.ts";
import type { Graph } from "../../ops/program.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Check } from "./named.ts";
import { attempt } from "./trial.ts";

const samples = 12;

function pattern(shape: readonly number[], salt: number): HostTensor {
  return fromLanes(
    "float32",
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => (((i * 29 + salt * 17) % 61) - 30) / 32),
  );
}

const features = pattern([samples, 3], 1);
const targets = pattern([samples], 2);
const labels = fromLanes(
  "int32",
  [samples],
  Array.from({ length: samples }, (_, i) => i % 3),
);

interface Net {
  readonly w1: Tensor;
  readonly b1: Tensor;
  readonly w2: Tensor;
}

const net = { w1: pattern([3, 5], 3), b1: pattern([5], 4), w2: pattern([5, 3], 5) };

/** Least squares by gradient descent: the whole training is one scan. */
const regression = (w: Tensor, x: Tensor, y: Tensor): unknown => {
  const loss = (v: Tensor): Tensor => mean(pow(sub(matmul(x, v), y), 2));
  return scan(
    (v: Tensor) => {
      const [value, gradient] = valueAndGrad(loss)(v);
      return [sub(v, mul(0.1, gradient)), value];
    },
    w,
    null,
    { length: 20 },
  );
};

/** Two layers with Adam (Kingma and Ba 2015), one pass over the samples per step, all steps in one scan. */
const classifier = (start: Net, x: Tensor, y: Tensor): unknown => {
  const loss = ({ w1, b1, w2 }: Net): Tensor => {
    const scores = logSoftmax(matmul(tanh(add(matmul(x, w1), b1)), w2));
    return neg(mean(sum(mul(scores, oneHot(y, 3)), -1)));
  };
  const keys = ["w1", "b1", "w2"] as const;
  const zeros: Net = { w1: mul(start.w1, 0), b1: mul(start.b1, 0), w2: mul(start.w2, 0) };
  return scan(
    ({ p, m, v, t }: { p: Net; m: Net; v: Net; t: Tensor }) => {
      const [value, g] = valueAndGrad(loss)(p);
      const step = add(t, 1);
      const over = (make: (key: (typeof keys)[number]) => Tensor): Net => ({
        w1: make("w1"),
        b1: make("b1"),
        w2: make("w2"),
      });
      const first = over((key) => add(mul(m[key], 0.9), mul(g[key], 0.1)));
      const second = over((key) => add(mul(v[key], 0.99), mul(mul(g[key], g[key]), 0.01)));
      const next = over((key) => {
        const corrected = div(first[key], sub(1, pow(0.9, step)));
        const size = sqrt(add(div(second[key], sub(1, pow(0.99, step))), 1e-6));
        return sub(p[key], mul(0.02, div(corrected, size)));
      });
      return [{ p: next, m: first, v: second, t: step }, value];
    },
    { p: start, m: zeros, v: zeros, t: mul(sum(targetsOf(x)), 0) },
    null,
    { length: 15 },
  );
};

const targetsOf = (x: Tensor): Tensor => sum(x, -1);

/** A step of training as a program of its own, run again and again on its own results. */
const training =
  (write: () => Graph, inputs: Readonly<Record<string, HostTensor>>): Check =>
  (backend) =>
    // Some dozens of steps, each with sums of a dozen products: a thousand roundings of numbers near 1.
    attempt(backend, { graph: write(), runs: [inputs, inputs], allowed: () => ({ ulps: 1024, scale: 1 }) });

const regressionGraph = (): Graph =>
  trace(regression as (w: Tensor, x: Tensor, y: Tensor) => unknown, spec([3]), spec([samples, 3]), spec([samples]));
const classifierGraph = (): Graph =>
  trace(classifier as (p: Net, x: Tensor, y: Tensor) => unknown, net, features, labels);

const regressionInputs = { arg0: pattern([3], 6), arg1: features, arg2: targets };
const classifierInputs = { "arg0.b1": net.b1, "arg0.w1": net.w1, "arg0.w2": net.w2, arg1: features, arg2: labels };

/** Training inside the engine. */
export const trainingChecks: Readonly<Record<string, Check>> = {
  "least squares by gradient descent in a scan": training(regressionGraph, regressionInputs),
  "the same, simplified": training(() => simplify(regressionGraph()), regressionInputs),
  "a classifier with Adam in a scan": training(classifierGraph, classifierInputs),
  "a classifier with Adam in a scan, simplified": training(() => simplify(classifierGraph()), classifierInputs),
};
