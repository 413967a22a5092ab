import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { floatData, namedTensors, sortedNames } from "../base/parameters.ts";
import { bits, checkMask, type Mask, maskBytes } from "./mask.ts";
import { pruneByScore, type PruneOptions } from "./prune.ts";
import { checkScores } from "./scores.ts";

/** As for single weights, but every count is one of blocks. */
export interface PruneBlocksOptions extends PruneOptions {
  /** Rows and columns of a block. A tensor of higher rank is the matrix of its first axis by all others. */
  readonly block: readonly [rows: number, columns: number];
  /** A block is worth the sum of |w| (1) or the root of the sum of squares (2, the default) of what survives in it. */
  readonly norm?: 1 | 2;
}

/**
 * The mask without the blocks of smallest norm: whole r x c tiles go or stay, for kernels that skip tiles. Rates, densities, scopes and ties
 * are those of `pruneByScore`, with the blocks in which something survives in place of survivors.
 *
 * @throws LotteryError E_NM_SHAPE when blocks do not tile a matrix; E_OPTION for a block that is no two whole numbers >= 1;
 *   otherwise as `pruneByMagnitude`.
 */
export function pruneBlocks(params: unknown, mask: Mask, options: PruneBlocksOptions): Mask {
  const where = "pruneBlocks";
  const { block, norm = 2, ...pruneOptions } = options;
  checkWhole(where, "rows of a block", block[0], 1);
  checkWhole(where, "columns of a block", block[1], 1);
  checkChoice(where, "norm", String(norm), ["1", "2"]);
  const named = namedTensors(where, params);
  checkMask(where, mask, named);
  checkScores(where, named, mask);
  const names = sortedNames(mask);
  const tilings = new Map(names.map((name) => [name, tiling(where, name, (mask[name] as HostTensor).shape, block)]));
  const norms: Record<string, HostTensor> = {};
  const alive: Record<string, HostTensor> = {};
  for (const name of names) {
    const tiles = tilings.get(name) as Tiling;
    const kept = maskBytes(mask[name] as HostTensor);
    const values = floatData(where, name, named[name] as HostTensor);
    const sums = new Float64Array(tiles.count);
    const any = new Uint8Array(tiles.count);
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 0) continue;
      const tile = tiles.of(i);
      any[tile] = 1;
      (sums[tile] as number) += norm === 1 ? Math.abs(values[i] as number) : (values[i] as number) ** 2;
    }
    norms[name] = tensor(norm === 1 ? sums : sums.map(Math.sqrt));
    alive[name] = bits(any, [tiles.count]);
  }
  const left = pruneByScore(norms, alive, pruneOptions);
  return Object.fromEntries(
    names.map((name) => {
      const entry = mask[name] as HostTensor;
      const tiles = tilings.get(name) as Tiling;
      const stays = maskBytes(left[name] as HostTensor);
      const kept = maskBytes(entry).map((bit, i) => bit & (stays[tiles.of(i)] as number));
      return [name, bits(kept, entry.shape)];
    }),
  );
}

interface Tiling {
  /** Number of tiles. */
  readonly count: number;
  /** The tile of a weight, by flat indices, tiles in row-major order. */
  readonly of: (index: number) => number;
}

function tiling(where: string, name: string, shape: readonly number[], [r, c]: readonly [number, number]): Tiling {
  const rows = shape[0] ?? 1;
  const columns = shape.slice(1).reduce((product, dim) => product * dim, 1);
  if (rows % r !== 0 || columns % c !== 0) {
    const message = `${where}: ${name}: blocks of ${r} x ${c} do not tile ${rows} x ${columns}, the matrix of [${shape}]`;
    throw new LotteryError("E_NM_SHAPE", message, { tensor: name });
  }
  const across = columns / c;
  return {
    count: (rows / r) * across,
    of: (index) => {
      const row = Math.floor(index / columns);
      return Math.floor(row / r) * across + Math.floor((index - row * columns) / c);
    },
  };
}
