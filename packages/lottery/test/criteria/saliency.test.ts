import {
  type HostTensor,
  type Tensor,
  add,
  cast,
  customVjp,
  gather,
  greater,
  grad,
  matmul,
  maximum,
  mul,
  random,
  scan,
  slice,
  sum,
  tensor,
} from "@parsimony/core-tensor";
import { reference } from "@parsimony/core-tensor/reference";
import { applyMask, type Named, grasp, type Mask, onesMask, snip, synflow, withTemperature } from "@parsimony/lottery";
import { describe, expect, test } from "vitest";
import { convNet, lossOf, maskOf, mlp, mlpLoss, sumOf, tinyNet, torchNet, valuesOf } from "./nets.ts";

const backend = reference();
const { params, batch } = tinyNet();
const full = onesMask(params);
type Weights = Readonly<Record<string, Tensor>>;
const names = ["w1", "w2"] as const;
const some = maskOf(params, { w1: [1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1], w2: [1, 1, 0, 1, 1, 1, 1, 1] });

const loss = (weights: Named): number => (mlpLoss(weights, batch) as HostTensor).item() as number;
const gradient = (weights: Named): Named => grad(mlpLoss)(weights, batch) as Named;

/** The parameters with every prunable weight w changed to fn(w, i). */
function changed(weights: Named, fn: (name: string, value: number, i: number) => number): Named {
  const own = names.map((name): [string, HostTensor] => [
    name,
    tensor(
      Float64Array.from(valuesOf(weights, name), (value, i) => fn(name, value, i)),
      { shape: (weights[name] as HostTensor).shape },
    ),
  ]);
  return { ...weights, ...Object.fromEntries(own) };
}

const flat = (record: Named): number[] => names.flatMap((name) => valuesOf(record, name));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, x, i) => total + x * (b[i] as number), 0);

describe.each<[string, Mask]>([
  ["dense", full],
  ["masked", some],
])("%s", (_, mask) => {
  const masked = applyMask(params, mask);
  const kept = flat(mask);

  test("SNIP is |∂loss/∂m| by central differences at the mask, up to its sum (S1, S2)", async () => {
    const scores = flat(await snip(mlpLoss, [batch], { backend })(params, mask));
    expect(scores.every((score) => score >= 0)).toBe(true);
    expect(Math.abs(scores.reduce((a, b) => a + b, 0) - 1)).toBeLessThanOrEqual(1e-12);
    const slopes = names.flatMap((name) =>
      valuesOf(masked, name).map((_w, k) => {
        const at = (m: number): number =>
          loss(changed(masked, (own, value, i) => (own === name && i === k ? value * m : value)));
        return Math.abs((at(1 + 1e-5) - at(1 - 1e-5)) / 2e-5);
      }),
    );
    const total = slopes.reduce((a, b) => a + b, 0);
    scores.forEach((score, i) => expect(score).toBeCloseTo((slopes[i] as number) / total, 7));
  });

  test("GraSP is w times the difference of gradients along the gradient (S3)", async () => {
    const scores = flat(await grasp(mlpLoss, [batch], { backend })(params, mask));
    const slope = flat(gradient(masked)).map((g, i) => g * (kept[i] as number));
    const along = (size: number): number[] => {
      let k = 0;
      return flat(gradient(changed(masked, (_name, value) => value + size * (slope[k++] as number))));
    };
    const [ahead, behind] = [along(1e-5), along(-1e-5)];
    const weights = flat(masked);
    const scale = Math.max(...scores.map(Math.abs));
    scores.forEach((score, i) => {
      const product = ((ahead[i] as number) - (behind[i] as number)) / 2e-5;
      expect(Math.abs(score - product * (weights[i] as number) * (kept[i] as number))).toBeLessThanOrEqual(
        1e-4 * scale,
      );
    });
  });

  test("the scores of GraSP add up to g · (H w), H being symmetric (S3)", async () => {
    const scores = flat(await grasp(mlpLoss, [batch], { backend })(params, mask));
    const alongWeights = (own: Weights): Tensor => {
      const slopes = grad(mlpLoss)({ ...masked, ...own }, batch) as Weights;
      const terms = names.map((name) => sum(mul(slopes[name] as Tensor, masked[name] as Tensor)));
      return terms.reduce((a, b) => add(a, b));
    };
    const own = Object.fromEntries(names.map((name) => [name, masked[name] as Tensor]));
    const product = flat(grad(alongWeights)(own) as Named);
    const slope = flat(gradient(masked)).map((g, i) => g * (kept[i] as number));
    const total = scores.reduce((a, b) => a + b, 0);
    expect(Math.abs(total / dot(slope, product) - 1)).toBeLessThanOrEqual(1e-8);
  });

  test("SynFlow is conserved in every layer and unit, and blind to signs (S4)", async () => {
    const criterion = synflow(mlp, { inputShape: [1, 3], backend });
    const scores = await criterion(params, mask);
    expect(sumOf(scores, "w1") / sumOf(scores, "w2")).toBeCloseTo(1, 10);
    const w1 = (scores["w1"] as HostTensor).toArray() as number[][];
    const w2 = (scores["w2"] as HostTensor).toArray() as number[][];
    w2.forEach((row, unit) => {
      const incoming = w1.reduce((total, each) => total + (each[unit] as number), 0);
      const outgoing = row.reduce((total, value) => total + value, 0);
      expect(Math.abs(incoming - outgoing)).toBeLessThanOrEqual(1e-10 * incoming);
    });
    const flipped = changed(params, (_name, value, i) => (i % 2 === 0 ? -value : value));
    expect(await criterion(flipped, mask)).toEqual(scores);
  });
});

test("several batches count as one of all their examples", async () => {
  const [first, second] = [0, 1].map((half) => ({
    inputs: slice(batch.inputs, [4 * half, 0], [4 * half + 4, 3]),
    labels: slice(batch.labels, [4 * half], [4 * half + 4]),
  }));
  for (const make of [snip, grasp]) {
    const whole = flat(await make(mlpLoss, [batch], { backend })(params, some));
    const halves = flat(
      await make(mlpLoss, [first as typeof batch, second as typeof batch], { backend })(params, some),
    );
    halves.forEach((score, i) => expect(score).toBeCloseTo(whole[i] as number, 13));
  }
});

test("a temperature of 1 changes nothing; a high one makes the logits small", async () => {
  const plain = await grasp(mlpLoss, [batch], { backend })(params, full);
  const one = lossOf(withTemperature(mlp, 1));
  expect(flat(await grasp(one, [batch], { backend })(params, full))).toEqual(
    flat(plain).map((value) => expect.closeTo(value, 13)),
  );
  const [cool, hot] = [mlp(params, batch.inputs), withTemperature(mlp, 200)(params, batch.inputs)] as [
    HostTensor,
    HostTensor,
  ];
  expect(Array.from(hot.dataSync() as Float64Array, (value) => value * 200)).toEqual(
    Array.from(cool.dataSync() as Float64Array, (value) => expect.closeTo(value, 12)),
  );
});

describe("SynFlow's flow", () => {
  test("through pooling, batch norm and a shortcut is conserved whatever the shifts are", async () => {
    const net = torchNet("conv");
    for (const { mask } of net.cases) {
      const scores = await synflow(convNet, { inputShape: net.inputShape, backend })(net.params, mask);
      const total = sumOf(scores, "w3");
      expect(total).toBeGreaterThan(0);
      expect(sumOf(scores, "c1") / total).toBeCloseTo(1, 10);
      expect((sumOf(scores, "c2") + sumOf(scores, "s2")) / total).toBeCloseTo(1, 10);
    }
  });

  /** 12 layers of 4 units, each of which makes the flow some 10,000 times as large. */
  const deep: Named = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`w${i + 1}`, mul(random.normal(random.key(i), [4, 4]), 5e3) as HostTensor]),
  );

  test("of a deep net does not fit float32, and fits float64 although the parameters are float32", async () => {
    const shape = { inputShape: [1, 4], backend };
    const mask = onesMask(deep);
    const scores = await synflow(mlp, shape)(deep, mask);
    expect(sumOf(scores, "w1")).toBeGreaterThan(1e40);
    expect(sumOf(scores, "w12") / sumOf(scores, "w1")).toBeCloseTo(1, 10);
    await expect(synflow(mlp, { ...shape, dtype: "float32" })(deep, mask)).rejects.toThrow(
      expect.objectContaining({ code: "E_NON_FINITE" }),
    );
  });

  test("in float32 is that in float64 where it fits", async () => {
    const wide = await synflow(mlp, { inputShape: [1, 3], backend })(params, some);
    const narrow = await synflow(mlp, { inputShape: [1, 3], backend, dtype: "float32" })(params, some);
    flat(narrow).forEach((score, i) => expect(score).toBeCloseTo(flat(wide)[i] as number, 5));
  });

  test("does not look at biases, of whatever size", async () => {
    const criterion = synflow(mlp, { inputShape: [1, 3], backend });
    const shifted = {
      ...params,
      b1: tensor([5, -1, 0, 3], { dtype: "float64" }),
      b2: tensor([1, 1], { dtype: "float64" }),
    };
    expect(await criterion(shifted, some)).toEqual(await criterion(params, some));
  });

  test("passes whole-number parameters and constants of the forward function on as they are", async () => {
    const half = tensor([0.5, 2], { dtype: "float32" });
    const forward = (weights: Weights, x: Tensor): Tensor =>
      mul(gather(matmul(x, weights["w"] as Tensor), weights["order"] as Tensor, 1), half);
    const net = {
      w: tensor([
        [1, -2],
        [3, 4],
      ]),
      order: tensor([1, 0], { dtype: "int32" }),
    };
    const scores = await synflow(forward, { inputShape: [1, 2], backend })(net, onesMask(net));
    // Column 1 comes first and counts half, column 0 twice.
    expect(valuesOf(scores, "w")).toEqual([2, 1, 6, 2]);
  });

  test("goes through casts, loops and derivatives of one's own, in float64 too", async () => {
    const leaky = customVjp((x: Tensor) => maximum(x, mul(x, 0.5)), {
      forward: (x) => [maximum(x, mul(x, 0.5)), x],
      backward: (x, slope) => [mul(slope, cast(greater(x, 0), "float32"))],
    });
    // Three times the same layer, each followed by a step of its own.
    const forward = (weights: Weights, x: Tensor): Tensor => {
      const w = weights["w"] as Tensor;
      const step = (h: Tensor, factor: Tensor): [Tensor, Tensor] => [mul(leaky(matmul(h, w)), factor), factor];
      return scan(step, cast(x, "float32"), tensor([1, 2, 0.5]))[0];
    };
    const net = {
      w: tensor([
        [1, -2],
        [3, 4],
      ]),
    };
    const mask = onesMask(net);
    const wide = await synflow(forward, { inputShape: [1, 2], backend })(net, mask);
    const narrow = await synflow(forward, { inputShape: [1, 2], backend, dtype: "float32" })(net, mask);
    // A weight that is used three times counts three times: the scores add up to 3 1ᵀ|w|³1.
    const flow = [
      [1, 2],
      [3, 4],
    ];
    const times = (row: number[]): number[] =>
      [0, 1].map((j) => row.reduce((sum, x, i) => sum + x * (flow[i]?.[j] ?? 0), 0));
    const total = times(times(times([1, 1]))).reduce((a, b) => a + b, 0);
    expect(sumOf(wide, "w")).toBeCloseTo(3 * total, 9);
    expect(sumOf(narrow, "w")).toBeCloseTo(3 * total, 2);
    const huge = {
      w: tensor([
        [1e20, 1e20],
        [1e20, 1e20],
      ]),
    };
    expect(sumOf(await synflow(forward, { inputShape: [1, 2], backend })(huge, mask), "w") / 4.8e61).toBeCloseTo(1, 6);
  });
});

test("a mask without tensors", async () => {
  const criteria = [
    snip(mlpLoss, [batch], { backend }),
    grasp(mlpLoss, [batch], { backend }),
    synflow((p: Named<Tensor>, x: Tensor) => matmul(x, p.w1 as Tensor), { inputShape: [1, 3], backend }),
  ];
  for (const criterion of criteria) await expect(criterion(params, {})).rejects.toMatchObject({ code: "E_EMPTY" });
});
