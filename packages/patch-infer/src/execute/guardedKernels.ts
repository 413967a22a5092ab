import { PatchInferError } from "../base/errors.ts";
import type { KernelFactory, Kernels, LayerCall } from "../kernels/kernels.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { cellBytes } from "./cells.ts";

/** Bytes before and behind the arena that nobody may write; a multiple of every alignment. */
const margin = 64;
const canary = 0xa5;

/**
 * Kernels that are watched: each call may write the cells of its box, and its scratch, and nothing else, neither in the arena nor in
 * the 64 bytes before and behind it. Costs a copy of the arena per call.
 *
 * @throws PatchInferError NOT_EXACT from a call that writes elsewhere; its box is then already written
 */
export function guardedKernels(factory: KernelFactory): KernelFactory {
  return (network, arenaBytes) => {
    const inner = factory(network, arenaBytes + 2 * margin);
    const whole = inner.arena;
    whole.fill(canary, 0, margin);
    whole.fill(canary, margin + arenaBytes, whole.length);
    const before = new Uint8Array(whole.length);
    const watch = (layer: number, call: LayerCall, run: () => void, allowed: () => void): void => {
      shift(call, margin);
      before.set(whole);
      run();
      allowed();
      shift(call, -margin);
      const at = before.findIndex((byte, i) => byte !== whole[i]);
      if (at < 0) return;
      throw new PatchInferError(
        "NOT_EXACT",
        `layer "${network.layers[layer]?.name}" wrote byte ${at - margin} of an arena of ${arenaBytes}, outside of its box`,
        { index: layer, layer: network.layers[layer]?.name ?? "" },
      );
    };
    return {
      engine: inner.engine,
      arena: whole.subarray(margin, margin + arenaBytes),
      constantBytes: inner.constantBytes,
      run: (layer, call) =>
        watch(
          layer,
          call,
          () => inner.run(layer, call),
          () => allowBox(before, whole, call, outputOf(network, layer)),
        ),
      runAccumulating: (convolution, add, call) =>
        watch(
          convolution,
          call,
          () => inner.runAccumulating(convolution, add, call),
          () => allowBox(before, whole, call, outputOf(network, add)),
        ),
      runInPlace: (layer, call, scratch, channelBlock) =>
        watch(
          layer,
          call,
          () => inner.runInPlace(layer, call, scratch + margin, channelBlock),
          () => {
            const output = outputOf(network, layer);
            allowBox(before, whole, call, output);
            const cells = (call.rowEnd - call.rowStart) * (call.columnEnd - call.columnStart);
            allow(before, whole, scratch + margin, cells * channelBlock * cellBytes[output.type]);
          },
        ),
      runPooling: (layer, call, sums, isFirst, isLast) =>
        watch(
          layer,
          call,
          () => inner.runPooling(layer, call, sums + margin, isFirst, isLast),
          () => {
            const { channels, type } = outputOf(network, layer);
            allow(before, whole, sums + margin, 4 * channels);
            if (isLast) allow(before, whole, call.output.address, channels * cellBytes[type]);
          },
        ),
    } satisfies Kernels;
  };
}

function outputOf(network: Network, layer: number): FeatureMap {
  return network.maps[network.layers[layer]?.output as string] as FeatureMap;
}

function shift(call: LayerCall, bytes: number): void {
  call.output.address += bytes;
  for (const input of call.inputs) input.address += bytes;
}

/** Takes over what was written to the box, so that a comparison passes over it. */
function allowBox(before: Uint8Array, now: Uint8Array, call: LayerCall, map: FeatureMap): void {
  const { address, top, left, rowCells } = call.output;
  const cell = map.channels * cellBytes[map.type];
  for (let row = call.rowStart; row < call.rowEnd; row++) {
    const start = address + ((row - top) * rowCells + (call.columnStart - left)) * cell;
    allow(before, now, start, (call.columnEnd - call.columnStart) * cell);
  }
}

function allow(before: Uint8Array, now: Uint8Array, start: number, bytes: number): void {
  before.set(now.subarray(start, start + bytes), start);
}
