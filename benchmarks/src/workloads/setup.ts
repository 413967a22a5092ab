import type { Engine } from "../engines/ours.ts";
import type { Torch } from "../engines/torch.ts";

/** The engines of a run, and how much of it is wanted. */
export interface Setup {
  readonly quick: boolean;
  readonly threads: number;
  readonly onnxruntime: Engine;
  readonly wasm: Engine;
  readonly cpu: Engine;
  /** PyTorch with threads that wait in different ways, or the reason why it is not there. */
  readonly torch: readonly Torch[] | { readonly reason: string };
}
