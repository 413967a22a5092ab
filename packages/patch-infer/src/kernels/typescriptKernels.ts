import { PatchInferError } from "../base/errors.ts";
import type { Network } from "../network/network.ts";
import { constantBytesOf } from "./constantBytes.ts";
import type { Kernels } from "./kernels.ts";
import { arenaMemory } from "./memory.ts";
import { newKernels } from "./newKernels.ts";
import { prepareNetwork } from "./table.ts";
import { typescriptTable } from "./typescriptTable.ts";

export interface TypescriptKernelsOptions {
  /** Bytes to use instead of new ones: `arenaBytes` of them, beginning at a multiple of 4 in their buffer. */
  readonly arena?: Uint8Array;
}

/**
 * Kernels in plain TypeScript: the definition of every layer's arithmetic, and the engine where WebAssembly is missing. They
 * read the network's own weights.
 *
 * @throws PatchInferError `UNSUPPORTED_OP` for a layer without a kernel, `OPTION` for an arena of another size or place, or of more
 *   bytes than there are.
 */
export function typescriptKernels(
  network: Network,
  arenaBytes: number,
  { arena }: TypescriptKernelsOptions = {},
): Kernels {
  if (arena !== undefined && (arena.byteLength !== arenaBytes || arena.byteOffset % 4 !== 0)) {
    throw new PatchInferError("OPTION", `arena: ${arenaBytes} bytes at a multiple of 4 are needed`);
  }
  const own = arena ?? newArena(arenaBytes);
  const prepared = prepareNetwork(network, typescriptTable, arenaMemory(own));
  const constantBytes = network.layers.reduce((sum, layer) => sum + constantBytesOf(layer), 0);
  return newKernels(network, prepared, { engine: "typescript", arena: own, constantBytes });
}

function newArena(bytes: number): Uint8Array {
  try {
    return new Uint8Array(new ArrayBuffer(Math.ceil(bytes / 4) * 4), 0, bytes);
  } catch (cause) {
    throw new PatchInferError("OPTION", `there is no memory of ${bytes} bytes for the arena`, { cause });
  }
}
