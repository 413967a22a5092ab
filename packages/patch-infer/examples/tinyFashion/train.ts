import {
  type Backend,
  type Tensor,
  argMax,
  crossEntropy,
  jit,
  random,
  tensor,
  toHostTree,
  valueAndGrad,
} from "@parsimony/core-tensor";
import {
  type State,
  adamw,
  applyUpdates,
  cosineSchedule,
  isWeight,
  warmupSchedule,
} from "@parsimony/core-tensor/optim";
import {
  type MobileNet,
  type MobileNetParams,
  type MobileNetStatistics,
  type MobileNetTraining,
  foldBatchNorm,
  initMobileNetTraining,
  mobileNetLogits,
  mobileNetTrainingLogits,
} from "@parsimony/patch-infer/architecture";
import { type Clothes, canvasSize, drawCanvases, resizeCanvases } from "./canvases.ts";

export interface TrainOptions {
  readonly backend: Backend;
  readonly steps: number;
  readonly seed: number;
  /** Images of a step. Default 64. */
  readonly batch?: number;
  /** At its height. Default 0.012. */
  readonly learningRate?: number;
  readonly onProgress?: (step: number, loss: number) => void;
}

/** Trains a network with batch norm on canvases that are drawn anew for every step; gives it with the norms folded in. */
export async function trainMobileNet(
  net: MobileNet,
  clothes: Clothes,
  options: TrainOptions,
): Promise<MobileNetParams> {
  const { backend, steps, seed, batch = 64, learningRate = 1.2e-2, onProgress } = options;
  const optimizer = adamw(warmupSchedule(Math.ceil(steps / 20), cosineSchedule(learningRate, steps)), {
    weightDecay: 0.01,
    decays: isWeight,
  });
  const loss = (params: MobileNetTraining, images: Tensor, labels: Tensor): Tensor =>
    crossEntropy(mobileNetTrainingLogits(net, params, images)[0], labels);
  type Carry = readonly [params: MobileNetTraining, state: readonly State[]];
  const step = jit(
    ([params, state]: Carry, images: Tensor, labels: Tensor): [Carry, Tensor] => {
      const [value, gradient] = valueAndGrad(loss)(params, images, labels) as [Tensor, MobileNetTraining];
      const [updates, next] = optimizer.update(gradient, state, params);
      return [[applyUpdates(params, updates) as MobileNetTraining, next], value];
    },
    { backend },
  );
  const statisticsOf = jit(
    (params: MobileNetTraining, images: Tensor): MobileNetStatistics => mobileNetTrainingLogits(net, params, images)[1],
    { backend },
  );
  const inputs = (index: number): { images: Tensor; labels: Tensor } => {
    const places = batchPlaces(clothes.count, batch, seed, index);
    const canvases = drawCanvases(clothes, places, seed * 1_000_003 + index);
    const images = tensor(resizeCanvases(canvases, net.resolution), {
      shape: [batch, 1, net.resolution, net.resolution],
    });
    return { images, labels: tensor(Int32Array.from(places, (place) => clothes.labels[place] as number)) };
  };
  const params = initMobileNetTraining(net, random.key(seed));
  let carry: Carry = [params, optimizer.init(params) as readonly State[]];
  for (let i = 0; i < steps; i++) {
    const { images, labels } = inputs(i);
    const [next, value] = (await step(carry, images, labels)) as [Carry, Tensor];
    carry = (await toHostTree(next)) as Carry;
    onProgress?.(i + 1, value.item() as number);
  }
  const trained = carry[0];
  // Means over ten batches with the final weights, instead of running means of weights that still moved.
  const kept: MobileNetStatistics[] = [];
  for (let i = 0; i < 10; i++)
    kept.push((await toHostTree(await statisticsOf(trained, inputs(steps + i).images))) as MobileNetStatistics);
  await step.dispose();
  await statisticsOf.dispose();
  return foldBatchNorm(net, trained, averageStatistics(kept));
}

function averageStatistics(list: readonly MobileNetStatistics[]): MobileNetStatistics {
  const mean = (of: (one: MobileNetStatistics) => Tensor): Tensor => {
    const values = list.map((one) => of(one).dataSync?.() as Float32Array);
    return tensor(
      Float32Array.from(
        values[0] as Float32Array,
        (_, i) => values.reduce((sum, v) => sum + (v[i] as number), 0) / list.length,
      ),
    );
  };
  return Object.fromEntries(
    Object.keys(list[0] ?? {}).map((name) => [
      name,
      {
        mean: mean((one) => (one[name] as { mean: Tensor }).mean),
        variance: mean((one) => (one[name] as { variance: Tensor }).variance),
      },
    ]),
  );
}

/** Images of a step: each epoch is a permutation of its own. */
function batchPlaces(count: number, batch: number, seed: number, index: number): Int32Array {
  const perEpoch = Math.floor(count / batch);
  const epoch = Math.floor(index / perEpoch);
  const order = epochOrder(count, seed, epoch);
  const from = (index - epoch * perEpoch) * batch;
  return order.slice(from, from + batch);
}

let known: { readonly name: string; readonly order: Int32Array } | undefined;
function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  const name = `${count} ${seed} ${epoch}`;
  if (known?.name !== name) {
    const key = random.split(random.key(seed), epoch + 2)[epoch + 1] as random.Key;
    known = { name, order: random.permutation(key, count).dataSync() as Int32Array };
  }
  return known.order;
}

/** The first canvases of a part of the clothes, drawn once: the same for every network. */
export function testCanvases(clothes: Clothes, images: number): Uint8Array {
  return drawCanvases(
    clothes,
    Int32Array.from({ length: images }, (_, i) => i),
    96,
  );
}

/** The share of canvases whose class is found, with float32 weights. */
export async function accuracy(
  net: MobileNet,
  params: MobileNetParams,
  clothes: Clothes,
  { backend, images }: { readonly backend: Backend; readonly images: number },
): Promise<number> {
  const predict = jit((own: MobileNetParams, x: Tensor): Tensor => argMax(mobileNetLogits(net, own, x), 1), {
    backend,
  });
  const canvases = testCanvases(clothes, images);
  const area = canvasSize ** 2;
  let right = 0;
  for (let from = 0; from < images; from += 250) {
    const values = resizeCanvases(canvases.subarray(from * area, (from + 250) * area), net.resolution);
    const rows = values.length / net.resolution ** 2;
    const x = tensor(values, { shape: [rows, 1, net.resolution, net.resolution] });
    const found = ((await toHostTree(await predict(params, x))) as Tensor).dataSync() as Int32Array;
    for (let i = 0; i < rows; i++) if (found[i] === clothes.labels[from + i]) right++;
  }
  await predict.dispose();
  return right / images;
}
