import { type HostTensor, type Tensor, tensor, toHost } from "@parsimony/core-tensor";
import { type Named, floatData } from "../base/parameters.ts";

/** The mean over batches of what `compute` gives, in float64 on the host; the engine's tensors are freed. */
export async function meanOverBatches<B>(
  where: string,
  batches: readonly B[],
  compute: (batch: B) => Promise<Named<Tensor>>,
  signal?: AbortSignal,
): Promise<Named> {
  const sums: Record<string, { readonly values: Float64Array; readonly shape: readonly number[] }> = {};
  for (const batch of batches) {
    signal?.throwIfAborted();
    for (const [name, result] of Object.entries(await compute(batch))) {
      const host: HostTensor = await toHost(result);
      const values = floatData(where, name, host);
      sums[name] ??= { values: new Float64Array(host.size), shape: host.shape };
      const { values: sum } = sums[name];
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number) / batches.length;
      result.dispose();
    }
  }
  return Object.fromEntries(Object.entries(sums).map(([name, { values, shape }]) => [name, tensor(values, { shape })]));
}
