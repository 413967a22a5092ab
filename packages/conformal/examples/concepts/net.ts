import { gaussianNoise } from "@parsimony/conformal/rules";
import { uniformStream } from "@parsimony/conformal";

/** A network with one hidden layer: `outputs` logits of independent yes/no questions, or of one class in `outputs`. */
export interface Net {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Row-major `[hidden, inputs]` and `[outputs, hidden]`. */
  readonly first: Float64Array;
  readonly firstBias: Float64Array;
  readonly second: Float64Array;
  readonly secondBias: Float64Array;
}

export interface TrainOptions {
  readonly images: readonly Float64Array[];
  readonly labels: readonly number[];
  /** Number of classes; 1 for a yes/no question with labels 0 and 1. */
  readonly outputs: number;
  readonly hidden: number;
  readonly epochs: number;
  /** Standard deviation of fresh noise on every image, so that the net gets used to noisy copies. */
  readonly sigma: number;
  readonly seed: number;
}

/** Stochastic gradient descent with momentum, one image at a time, on the cross-entropy. */
export function trainNet({ images, labels, outputs, hidden, epochs, sigma, seed }: TrainOptions): Net {
  const inputs = images[0]?.length ?? 0;
  const noise = gaussianNoise(seed);
  const uniform = uniformStream(seed);
  const normal = (size: number, scale: number) => Float64Array.from({ length: size }, () => scale * noise());
  const net: Net = {
    inputs,
    hidden,
    outputs,
    first: normal(hidden * inputs, Math.sqrt(2 / inputs)),
    firstBias: new Float64Array(hidden),
    second: normal(outputs * hidden, Math.sqrt(1 / hidden)),
    secondBias: new Float64Array(outputs),
  };
  const x = new Float64Array(inputs);
  const steps = epochs * images.length;
  for (let step = 0; step < steps; step++) {
    const i = Math.floor(uniform() * images.length);
    const image = images[i] as Float64Array;
    for (let k = 0; k < inputs; k++) x[k] = (image[k] as number) + sigma * noise();
    const { activations, probabilities } = forward(net, x);
    const rate = 0.03 * (1 - step / steps) ** 0.5;
    const delta = lossGradient(probabilities, labels[i] as number);
    const back = backward(net, activations, delta);
    for (let o = 0; o < outputs; o++) {
      const change = rate * (delta[o] as number);
      for (let h = 0; h < hidden; h++) (net.second[o * hidden + h] as number) -= change * (activations[h] as number);
      (net.secondBias[o] as number) -= change;
    }
    for (let h = 0; h < hidden; h++) {
      const change = rate * (back[h] as number);
      if (change === 0) continue;
      for (let k = 0; k < inputs; k++) (net.first[h * inputs + k] as number) -= change * (x[k] as number);
      (net.firstBias[h] as number) -= change;
    }
  }
  return net;
}

/** Activations of the hidden layer and probabilities, for the image at `start` of a buffer. */
export function forward(net: Net, x: Float64Array, start = 0) {
  const { inputs, hidden, outputs, first, firstBias, second, secondBias } = net;
  const activations = new Float64Array(hidden);
  for (let h = 0; h < hidden; h++) {
    let sum = firstBias[h] as number;
    const row = h * inputs;
    for (let k = 0; k < inputs; k++) sum += (first[row + k] as number) * (x[start + k] as number);
    activations[h] = Math.max(sum, 0);
  }
  const logits = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let sum = secondBias[o] as number;
    for (let h = 0; h < hidden; h++) sum += (second[o * hidden + h] as number) * (activations[h] as number);
    logits[o] = sum;
  }
  return { activations, probabilities: outputs === 1 ? logits.map((z) => 1 / (1 + Math.exp(-z))) : softmax(logits) };
}

function softmax(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const odds = logits.map((z) => Math.exp(z - top));
  const total = odds.reduce((sum, value) => sum + value);
  return odds.map((value) => value / total);
}

/** Gradient of the cross-entropy in the logits. */
function lossGradient(probabilities: Float64Array, label: number): Float64Array {
  if (probabilities.length === 1) return probabilities.map((p) => p - label);
  return probabilities.map((p, c) => (c === label ? p - 1 : p));
}

/** Gradient in the sums of the hidden layer. */
function backward(net: Net, activations: Float64Array, delta: Float64Array): Float64Array {
  return activations.map((value, h) => {
    if (value === 0) return 0;
    let sum = 0;
    for (let o = 0; o < net.outputs; o++) sum += (net.second[o * net.hidden + h] as number) * (delta[o] as number);
    return sum;
  });
}

/** The cross-entropy of a label at an image, and its gradient in the image: what an attacker climbs. */
export function lossAt(net: Net, x: Float64Array, label: number): { value: number; gradient: Float64Array } {
  const { activations, probabilities } = forward(net, x);
  const back = backward(net, activations, lossGradient(probabilities, label));
  const gradient = new Float64Array(net.inputs);
  for (let h = 0; h < net.hidden; h++) {
    const factor = back[h] as number;
    if (factor === 0) continue;
    for (let k = 0; k < net.inputs; k++) {
      (gradient[k] as number) += factor * (net.first[h * net.inputs + k] as number);
    }
  }
  return { value: -Math.log(Math.max(1e-300, probabilities[label] as number)), gradient };
}
