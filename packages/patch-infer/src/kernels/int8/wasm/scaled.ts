import type { Clamp, Requantization } from "../../../network/layer.ts";
import type { WasmMachine } from "../../wasmMachine.ts";

/** Lanes that the kernels read behind the last channel. */
export const laneSlack = 8;

/** Behind the last word of a call: where scratch begins, written before each run. */
const scratchWord = 16;

/** Words of `Scaled` behind those of the call. */
export const scaledWordCount = 10;

export interface ScaledLayer {
  readonly bias: Int32Array;
  readonly requantization: Requantization;
  /** By channel: no sum is larger. */
  readonly bounds: Float64Array;
  readonly zeroPoint: number;
  readonly clamp: Clamp;
}

/** The words of `Scaled` in scaled.as: places what the way from sums to codes needs. */
export function scaledWords(machine: WasmMachine, layer: ScaledLayer): number[] {
  const { bias, requantization, zeroPoint, clamp } = layer;
  const vectors = vectorFactors(layer);
  const { multiplier, power, limit } = vectors ?? {
    multiplier: requantization.multiplier,
    power: requantization.shift,
    limit: new Int32Array(0),
  };
  return [
    0,
    machine.place(withSlack(bias)),
    machine.place(withSlack(multiplier)),
    machine.place(withSlack(power)),
    machine.place(withSlack(limit)),
    placeLanes(machine, zeroPoint, clamp),
    vectors === undefined ? 0 : vectors.limited ? 1 : 2,
    zeroPoint,
    clamp.min,
    clamp.max,
  ];
}

/** Runs before each kernel with a `Scaled` record: scratch has its place when all layers are prepared. */
export function writeScratch(machine: WasmMachine, record: number): void {
  machine.words[(record >> 2) + scratchWord] = machine.scratchStart;
}

/** Registers of the same numbers: a half with the zero point, as rescaled sums have them, and the clamp. */
export function placeLanes(machine: WasmMachine, zeroPoint: number, { min, max }: Clamp): number {
  const lanes = new Int32Array(12);
  lanes.fill(2 ** 15 + 2 ** 16 * zeroPoint, 0, 4);
  const codes = new Int8Array(lanes.buffer);
  codes.fill(min, 16, 32);
  codes.fill(max, 32, 48);
  return machine.place(lanes);
}

function withSlack(values: Int32Array): Int32Array {
  const longer = new Int32Array(values.length + laneSlack);
  longer.set(values);
  return longer;
}

interface VectorFactors {
  readonly multiplier: Int32Array;
  readonly power: Int32Array;
  readonly limit: Int32Array;
  /** Some sum may give more than the limit. */
  readonly limited: boolean;
}

/**
 * Lanes cannot be shifted by different distances: products are multiplied by `2^(16 - e)` instead of being shifted by e, then
 * all are shifted by 16, which rounds the same numbers in the same way. Products beyond `limit` lie beyond all codes. For
 * channels with longer shifts this works only if they can give nothing but 0; otherwise (and for shifts to the left) the
 * result is undefined.
 */
function vectorFactors({ requantization, bounds }: ScaledLayer): VectorFactors | undefined {
  const { shift } = requantization;
  const multiplier = requantization.multiplier.slice();
  const power = new Int32Array(shift.length);
  const limit = new Int32Array(shift.length);
  let limited = false;
  // Sums are doubled.
  if (bounds.some((bound) => bound >= 2 ** 30)) return undefined;
  for (let channel = 0; channel < shift.length; channel++) {
    let right = -(shift[channel] as number);
    const product = ((bounds[channel] as number) * (multiplier[channel] as number)) / 2 ** 31 + 1;
    if (bounds[channel] === 0 || (right > 16 && product < 2 ** (right - 1))) {
      multiplier[channel] = 0;
      right = 0;
    }
    if (right < 0 || right > 16) return undefined;
    power[channel] = 2 ** (16 - right);
    limit[channel] = 2 ** (14 + right);
    limited ||= product > 2 ** (14 + right);
  }
  return { multiplier, power, limit, limited };
}
