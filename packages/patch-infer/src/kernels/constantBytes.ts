import type { Layer } from "../network/layer.ts";

/** Bytes of a layer's arrays: weights, biases, multipliers, tables. */
export function constantBytesOf(layer: Layer): number {
  return bytesIn(layer);
}

function bytesIn(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + bytesIn(part), 0);
}
