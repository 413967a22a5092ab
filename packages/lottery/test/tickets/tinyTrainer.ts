import { type HostTensor, random, tensor } from "@parsimony/core-tensor";
import type { Json, Mask, Metrics, TrainState, Trainer } from "../../src/index.ts";

type Values = Readonly<Record<string, Float64Array>>;

export interface TinyOptions {
  readonly steps?: number;
  /** Learning rate; after `dropAt` steps a tenth of it. */
  readonly rate?: number;
  readonly dropAt?: number;
  readonly momentum?: number;
  /** Examples of a step, drawn by data seed and step. Default: all, so that the data seed is without effect. */
  readonly batch?: number;
  /** Initial weights from the seed instead of the fixed ones. */
  readonly drawn?: boolean;
}

const shapes: Readonly<Record<string, readonly number[]>> = { W1: [3, 4], W2: [4, 2], b1: [4], b2: [2] };

const inputs = Array.from({ length: 8 }, (_, k) => [0, 1, 2].map((d) => Math.sin(0.7 * (k + 1) * (d + 1))));
const labels = inputs.map((x) => ((x[0] as number) + (x[1] as number) + (x[2] as number) > 0 ? 1 : 0));

const fixed: Values = {
  W1: Float64Array.from({ length: 12 }, (_, i) => 0.9 * Math.sin(1 + i)),
  W2: Float64Array.from({ length: 8 }, (_, i) => 0.8 * Math.cos(0.5 + 2 * i)),
  b1: new Float64Array(4),
  b2: new Float64Array(2),
};

/** A net 3-4-2 on eight examples in float64, with plain loops and gradient descent: small enough to be checked by hand. */
export function tinyTrainer(options: TinyOptions = {}): Trainer {
  const { steps = 50, rate = 0.5, dropAt = Number.MAX_SAFE_INTEGER, momentum = 0, batch = 8, drawn = false } = options;
  const description: Json = { kind: "tiny", rate, dropAt, momentum, batch, drawn };
  return {
    description,
    steps,
    init: (seed) => toNamed(drawn ? draw(seed) : fixed),
    begin: (params) => ({ step: 0, params, optimizer: toNamed(prefixed(zeros())) }),
    advance: async (state, mask, toStep, dataSeed) => {
      let params = masked(toValues(state.params), mask);
      let velocity = masked(unprefixed(toValues(state.optimizer)), mask);
      for (let step = state.step; step < toStep; step++) {
        const { gradient } = pass(params, batch === 8 ? allExamples : pick(dataSeed, step, batch));
        const now = step < dropAt ? rate : rate / 10;
        velocity = masked(
          combine(velocity, gradient, (v, g) => momentum * v + g),
          mask,
        );
        params = masked(
          combine(params, velocity, (w, v) => w - now * v),
          mask,
        );
      }
      return { step: toStep, params: toNamed(params), optimizer: toNamed(prefixed(velocity)) };
    },
    evaluate: async (params, part) => metrics(toValues(params), part === "test" ? testExamples : allExamples),
  };
}

const allExamples = [0, 1, 2, 3, 4, 5, 6, 7];
const testExamples = [0, 2, 4, 6];

function pick(dataSeed: number, step: number, batch: number): number[] {
  const key = random.foldIn(random.key(dataSeed), step);
  return Array.from(random.permutation(key, 8).dataSync() as Int32Array).slice(0, batch);
}

function draw(seed: number): Values {
  const values = (name: string, i: number): Float64Array =>
    random
      .normal(random.foldIn(random.key(seed), i), shapes[name] as number[], { dtype: "float64", std: 0.7 })
      .dataSync() as Float64Array;
  return { ...zeros(), W1: values("W1", 0), W2: values("W2", 1) };
}

function zeros(): Values {
  return Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, new Float64Array(value.length)]));
}

function masked(values: Values, mask: Mask): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const kept = mask[name]?.dataSync();
      return [name, kept === undefined ? value : value.map((each, i) => (kept[i] === 0 ? 0 : each))];
    }),
  );
}

function combine(a: Values, b: Values, fn: (a: number, b: number) => number): Values {
  return Object.fromEntries(
    Object.entries(a).map(([name, value]) => [
      name,
      value.map((each, i) => fn(each, (b[name] as Float64Array)[i] as number)),
    ]),
  );
}

interface Pass {
  readonly loss: number;
  readonly correct: number;
  readonly gradient: Values;
}

/** Mean cross-entropy and its gradient. */
function pass(params: Values, examples: readonly number[]): Pass {
  const { W1, W2, b1, b2 } = params as { W1: Float64Array; W2: Float64Array; b1: Float64Array; b2: Float64Array };
  const gradient = zeros() as { W1: Float64Array; W2: Float64Array; b1: Float64Array; b2: Float64Array };
  let loss = 0;
  let correct = 0;
  const add = (target: Float64Array, at: number, value: number): void => {
    target[at] = (target[at] as number) + value;
  };
  for (const k of examples) {
    const x = inputs[k] as number[];
    const label = labels[k] as number;
    const sums = [0, 1, 2, 3].map((j) =>
      x.reduce((sum, value, i) => sum + value * (W1[4 * i + j] as number), b1[j] as number),
    );
    const hidden = sums.map((value) => Math.max(0, value));
    const logits = [0, 1].map((c) =>
      hidden.reduce((sum, value, j) => sum + value * (W2[2 * j + c] as number), b2[c] as number),
    );
    const top = Math.max(...logits);
    const exps = logits.map((value) => Math.exp(value - top));
    const total = (exps[0] as number) + (exps[1] as number);
    loss -= Math.log((exps[label] as number) / total) / examples.length;
    if ((logits[label] as number) > (logits[1 - label] as number)) correct++;
    const error = exps.map((value, c) => (value / total - (c === label ? 1 : 0)) / examples.length);
    for (const c of [0, 1]) {
      add(gradient.b2, c, error[c] as number);
      for (let j = 0; j < 4; j++) add(gradient.W2, 2 * j + c, (hidden[j] as number) * (error[c] as number));
    }
    for (let j = 0; j < 4; j++) {
      if ((sums[j] as number) <= 0) continue;
      const back = (W2[2 * j] as number) * (error[0] as number) + (W2[2 * j + 1] as number) * (error[1] as number);
      add(gradient.b1, j, back);
      for (let i = 0; i < 3; i++) add(gradient.W1, 4 * i + j, back * (x[i] as number));
    }
  }
  return { loss, correct, gradient: gradient as unknown as Values };
}

function metrics(params: Values, examples: readonly number[]): Metrics {
  const { loss, correct } = pass(params, examples);
  return { loss, accuracy: correct / examples.length };
}

function toNamed(values: Values): Readonly<Record<string, HostTensor>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const shape = shapes[name.replace("momentum.", "")] as number[];
      return [name, tensor(value.slice(), { shape, dtype: "float64" })];
    }),
  );
}

function toValues(named: TrainState["params"]): Values {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value.dataSync() as Float64Array]));
}

const prefixed = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`momentum.${name}`, value]));
const unprefixed = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name.replace("momentum.", ""), value]));
