import { PatchInferError } from "../base/errors.ts";
import type { KernelFactory, LayerCall } from "../kernels/kernels.ts";
import type { Layer } from "../network/layer.ts";
import { mapsOf, ruleOf } from "../layers/rules.ts";

/** What kernels were really asked for, since they were made. */
export interface KernelCounts {
  /** Multiply-accumulates of all boxes; taps in padding count, as in plans. */
  macs: number;
  calls: number;
}

/** Kernels that count what they are asked for. The counts are those of all arenas that the factory made. */
export function countingKernels(factory: KernelFactory): {
  readonly kernels: KernelFactory;
  readonly counts: KernelCounts;
} {
  const counts: KernelCounts = { macs: 0, calls: 0 };
  const kernels: KernelFactory = (network, arenaBytes) => {
    const inner = factory(network, arenaBytes);
    const count = (index: number, call: LayerCall): void => {
      const layer = network.layers[index];
      if (layer === undefined)
        throw new PatchInferError("PLAN_MISMATCH", `the network has no layer ${index}`, { index });
      counts.calls += 1;
      counts.macs += boxMacs(layer, call, mapsOf(network, layer));
    };
    return {
      engine: inner.engine,
      arena: inner.arena,
      constantBytes: inner.constantBytes,
      run(layer, call) {
        count(layer, call);
        inner.run(layer, call);
      },
      runAccumulating(convolution, add, call) {
        count(convolution, call);
        inner.runAccumulating(convolution, add, call);
      },
      runInPlace(layer, call, scratch, channelBlock) {
        count(layer, call);
        inner.runInPlace(layer, call, scratch, channelBlock);
      },
      runPooling(layer, call, sums, isFirst, isLast) {
        count(layer, call);
        inner.runPooling(layer, call, sums, isFirst, isLast);
      },
    };
  };
  return { kernels, counts };
}

function boxMacs(layer: Layer, call: LayerCall, maps: ReturnType<typeof mapsOf>): number {
  const { unit, work } = ruleOf(layer);
  return (
    unit(layer, maps) *
    work(layer, "rows", { start: call.rowStart, end: call.rowEnd }) *
    work(layer, "columns", { start: call.columnStart, end: call.columnEnd })
  );
}
