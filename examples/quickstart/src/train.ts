import {
  type Backend,
  type Tensor,
  disposeTree,
  jit,
  mean,
  random,
  scan,
  tensor,
  toHost,
  toHostTree,
  valueAndGrad,
} from "@parsimony/core-tensor";
import { type Optimizer, type State, adam, applyUpdates, cosineSchedule } from "@parsimony/core-tensor/optim";
import { type LeNet, initLeNet, loss } from "./lenet.ts";
import { type Digits, pixels, selectDigits } from "./mnist.ts";

export interface TrainOptions {
  readonly backend: Backend;
  readonly digits: Digits;
  readonly epochs: number;
  readonly seed: number;
  readonly batch?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** Images seen in this epoch. */
  readonly images: number;
  readonly of: number;
  readonly loss: number;
  readonly imagesPerSecond: number;
}

export interface TrainResult {
  readonly params: LeNet;
  /** Mean loss of each chunk of steps, in order. */
  readonly losses: readonly number[];
  readonly steps: number;
  readonly seconds: number;
}

type Carry = readonly [params: LeNet, state: readonly State[]];
type Batch = readonly [images: Tensor, labels: Tensor];

/** Steps that run inside the engine between two looks at the loss. */
export const chunkSteps = 50;

/**
 * Trains LeNet-300-100 with Adam, whose rate falls from 0.0012 to 0 along half a cosine wave. `chunkSteps` steps (forward, backward, update) are one program with a loop
 * inside, so that the parameters stay in the engine and one call does many steps.
 */
export async function train({
  backend,
  digits,
  epochs,
  seed,
  batch = 60,
  onProgress,
}: TrainOptions): Promise<TrainResult> {
  const perEpoch = Math.floor(digits.count / batch);
  const optimizer: Optimizer = adam(cosineSchedule(1.2e-3, epochs * perEpoch));
  const step = ([params, state]: Carry, [images, labels]: Batch): [Carry, Tensor] => {
    const [value, gradient] = valueAndGrad(loss)(params, images, labels);
    const [updates, next] = optimizer.update(gradient, state, params);
    return [[applyUpdates(params, updates), next], value];
  };
  const run = jit(
    function trainSteps(carry: Carry, batches: Batch) {
      const [next, losses] = scan(step, carry, batches);
      return [next, mean(losses)] as const;
    },
    { backend },
  );

  const [initKey, orderKey] = random.split(random.key(seed)) as [random.Key, random.Key];
  const initial = initLeNet(initKey);
  let carry: Carry = [initial, optimizer.init(initial)];
  const losses: number[] = [];
  let steps = 0;
  const started = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const epochStarted = performance.now();
    const order = random.permutation(random.foldIn(orderKey, epoch), digits.count).dataSync() as Int32Array;
    for (let done = 0; done < perEpoch; done += chunkSteps) {
      const count = Math.min(chunkSteps, perEpoch - done);
      const part = selectDigits(digits, order.subarray(done * batch, (done + count) * batch));
      const images = tensor(part.images, { shape: [count, batch, pixels] });
      const labels = tensor(Int32Array.from(part.labels), { shape: [count, batch] });
      const previous = carry;
      const [next, chunkLoss] = await run(carry, [images, labels]);
      carry = next;
      if (steps > 0) disposeTree(previous);
      const value = (await toHost(chunkLoss)).item();
      chunkLoss.dispose();
      losses.push(value);
      steps += count;
      const seen = (done + count) * batch;
      const seconds = (performance.now() - epochStarted) / 1000;
      onProgress?.({ epoch, epochs, images: seen, of: perEpoch * batch, loss: value, imagesPerSecond: seen / seconds });
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const params = await toHostTree(carry[0]);
  disposeTree(carry);
  await run.dispose();
  return { params, losses, steps, seconds };
}
