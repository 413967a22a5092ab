import { SafetensorsError } from "@parsimony/core-tensor/safetensors";
import { LotteryError } from "../../../src/base/errors.ts";
import {
  type SparseCandidateName,
  denseTensors,
  readSparseSafetensors,
  sparseCandidates,
  writeSparseSafetensors,
} from "../../../src/sparse/index.ts";
import { damageBytes, damageContent } from "./damage.ts";
import { floats, smallNetwork } from "./networks.ts";

/** What came of it: how many were read, and how many refused with each code. */
export interface FuzzCounts {
  readonly runs: number;
  readonly read: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** A file for every way to store a tensor, and one with several. */
function files(): Uint8Array[] {
  const { params, mask } = smallNetwork(0.2);
  const grouped = floats(
    Array.from({ length: 96 }, (_, i) => (i % 4 === 2 ? i : 0)),
    [6, 16],
  );
  const names = Object.keys(sparseCandidates).filter((name) => name !== "dense") as SparseCandidateName[];
  const each = names.map((name) => {
    const w = name.startsWith("nm") ? grouped : (params["conv.weight"] as never);
    return writeSparseSafetensors({ w, bias: floats([1, 2, 3]) }, { formats: { w: name } });
  });
  const formats = { "conv.weight": "csr", "dense.weight": "bcsr-4x4" } as const;
  return [...each, writeSparseSafetensors(params, { mask, formats, transposed: () => true, metadata: { epoch: "3" } })];
}

/**
 * Reads damaged files, and expands what was read. Each must be read, or refused with an error of ours, within a second; what is
 * expanded takes at most 16 MB.
 *
 * @param count damaged copies per file and kind of damage.
 */
export function fuzzSparse(count: number): FuzzCounts {
  const refused: Record<string, number> = {};
  let [runs, read] = [0, 0];
  files().forEach((file, index) => {
    for (let seed = 0; seed < count; seed++) {
      for (const damage of [damageBytes, damageContent]) {
        runs++;
        const damaged = damage(file, seed);
        const start = performance.now();
        const outcome = attempt(damaged);
        if (performance.now() - start > 1000) throw new Error(`file ${index}, seed ${seed}: took more than a second`);
        if (outcome === undefined) read++;
        else if (outcome instanceof LotteryError || outcome instanceof SafetensorsError) {
          refused[outcome.code] = (refused[outcome.code] ?? 0) + 1;
        } else throw new Error(`file ${index}, ${damage.name}, seed ${seed}`, { cause: outcome });
      }
    }
  });
  return { runs, read, refused };
}

function attempt(bytes: Uint8Array): unknown {
  try {
    denseTensors(readSparseSafetensors(bytes), { maxBytes: 2 ** 24 });
    return undefined;
  } catch (error) {
    return error;
  }
}
