import { type Backend, type Tensor, jit, softmax, tensor, toHost } from "@parsimony/core-tensor";
import { type LeNet, logits } from "./lenet.ts";
import { type Digits, pixels } from "./mnist.ts";

/** Class probabilities of many images, row by row. */
export interface Probabilities {
  /** [rows * 10] */
  readonly data: Float32Array;
  readonly shape: readonly [rows: number, classes: number];
}

/** Images that go through the engine in one call. */
const batch = 1000;

/** Softmax of the logits; one program for all batch sizes. */
export async function predict(backend: Backend, params: LeNet, digits: Digits): Promise<Probabilities> {
  const run = jit((weights: LeNet, images: Tensor) => softmax(logits(weights, images)), {
    backend,
    dynamicAxes: [undefined, { 0: "batch" }],
  });
  const data = new Float32Array(digits.count * 10);
  for (let from = 0; from < digits.count; from += batch) {
    const to = Math.min(digits.count, from + batch);
    const images = tensor(digits.images.slice(from * pixels, to * pixels), { shape: [to - from, pixels] });
    const result = await run(params, images);
    data.set((await toHost(result)).dataSync() as Float32Array, from * 10);
    result.dispose();
  }
  await run.dispose();
  return { data, shape: [digits.count, 10] };
}

/** Share of rows whose most probable class is the label. */
export function accuracy({ data, shape }: Probabilities, labels: Uint8Array): number {
  let correct = 0;
  for (let row = 0; row < shape[0]; row++) {
    const probabilities = data.subarray(row * 10, row * 10 + 10);
    if (probabilities.indexOf(Math.max(...probabilities)) === labels[row]) correct++;
  }
  return correct / shape[0];
}
