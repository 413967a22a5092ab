import { type HostTensor, random, tensor } from "@parsimony/core-tensor";
import { type Mask, bits } from "../../../src/mask/mask.ts";

const shapes: Readonly<Record<string, readonly number[]>> = {
  "conv.weight": [8, 4, 3, 3],
  "dense.bias": [40],
  "dense.weight": [48, 40],
};

/** A small network, and a mask that keeps about this share of its weights (not biases). */
export function smallNetwork(density: number): { params: Record<string, HostTensor>; mask: Mask } {
  const keys = random.split(random.key(5), 3);
  const params: Record<string, HostTensor> = {};
  const mask: Record<string, HostTensor> = {};
  Object.entries(shapes).forEach(([name, shape], i) => {
    const key = keys[i] as random.Key;
    params[name] = random.normal(key, shape);
    if (shape.length === 1) return;
    const draws = random.uniform(random.split(key)[0] as random.Key, shape).dataSync() as Float32Array;
    mask[name] = bits(
      Uint8Array.from(draws, (draw) => (draw < density ? 1 : 0)),
      shape,
    );
  });
  return { params, mask };
}

/** A tensor of float32. */
export function floats(values: readonly number[], shape: readonly number[] = [values.length]): HostTensor {
  return tensor(Float32Array.from(values), { shape });
}
