import type { DepthwiseConv2d, Pair } from "../network/layer.ts";
import type { Network } from "../network/network.ts";

/** How a depthwise kernel changes: cells that go (negative: come) on each of the four sides. */
export interface KernelChange {
  readonly layer: number;
  readonly cells: number;
}

/**
 * Kernel and padding with `cells` fewer on every side of the kernel (negative: more), so that windows stay where they are. Axes of one cell stay
 * when the kernel shrinks. `undefined` when there is nothing to take, a window would skip cells of the image, or padding would become negative.
 */
export function resizedWindow(
  layer: DepthwiseConv2d,
  cells: number,
): Pick<DepthwiseConv2d, "kernel" | "padBefore" | "padAfter"> | undefined {
  const takes = ([0, 1] as const).map((axis) => (cells > 0 && layer.kernel[axis] === 1 ? 0 : cells)) as [
    number,
    number,
  ];
  if (takes[0] === 0 && takes[1] === 0) return undefined;
  const each = (values: Pair, change: (value: number, axis: 0 | 1) => number): Pair => [
    change(values[0], 0),
    change(values[1], 1),
  ];
  const kernel = each(layer.kernel, (size, axis) => size - 2 * takes[axis]);
  const padBefore = each(layer.padBefore, (pad, axis) => pad - takes[axis] * layer.dilations[axis]);
  const padAfter = each(layer.padAfter, (pad, axis) => pad - takes[axis] * layer.dilations[axis]);
  const legal = ([0, 1] as const).every(
    (axis) =>
      takes[axis] <= 0 ||
      (kernel[axis] >= Math.max(1, layer.strides[axis]) && padBefore[axis] >= 0 && padAfter[axis] >= 0),
  );
  return legal ? { kernel, padBefore, padAfter } : undefined;
}

/** `[rows, columns, channels]` weights with the centre taps kept, or zeros around them. */
export function resizedKernel(weights: Float32Array, from: Pair, to: Pair, channels: number): Float32Array {
  const result = new Float32Array(to[0] * to[1] * channels);
  const [top, left] = [(from[0] - to[0]) / 2, (from[1] - to[1]) / 2];
  for (let y = 0; y < to[0]; y++) {
    for (let x = 0; x < to[1]; x++) {
      const [row, column] = [y + top, x + left];
      if (row < 0 || row >= from[0] || column < 0 || column >= from[1]) continue;
      const start = (row * from[1] + column) * channels;
      result.set(weights.subarray(start, start + channels), (y * to[1] + x) * channels);
    }
  }
  return result;
}

/** The network with another kernel for one of its depthwise convolutions. */
export function withKernel(
  network: Network,
  index: number,
  window: Pick<DepthwiseConv2d, "kernel" | "padBefore" | "padAfter">,
): Network {
  const layer = network.layers[index] as DepthwiseConv2d;
  const channels = layer.weights.length / (layer.kernel[0] * layer.kernel[1]);
  const weights = resizedKernel(layer.weights as Float32Array, layer.kernel, window.kernel, channels);
  return { ...network, layers: network.layers.with(index, { ...layer, ...window, weights }) };
}

/** The share of the energy (sum of squares) of a kernel that is left out when only its centre stays. */
export function energyLost(weights: Float32Array, from: Pair, to: Pair, channels: number): number {
  const energy = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
  const whole = energy(weights);
  return whole === 0 ? 0 : 1 - energy(resizedKernel(weights, from, to, channels)) / whole;
}
