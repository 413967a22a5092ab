import { type HostTensor, flattenTree, isHostTensor, isTensor } from "@parsimony/core-tensor";
import { LotteryError } from "../../base/errors.ts";
import { type Named, sortedNames } from "../../base/parameters.ts";
import { type Mask, applyMask, checkMask, isPrunable } from "../../mask/mask.ts";
import {
  type ChooseFormatOptions,
  type SparseCandidate,
  type SparseCandidateName,
  sparseCandidates,
} from "../formats/choose.ts";
import { sparseFault } from "../formats/parts.ts";
import { sparseBytes } from "../formats/table.ts";
import { headerCost } from "./description.ts";
import { type SparseTensor, isSparseTensor, sparseTensor } from "./sparseTensor.ts";

/** Tensors by path, each with all its elements or as a sparse matrix. */
export type CompressedTensors = Readonly<Record<string, HostTensor | SparseTensor>>;

export interface CompressTensorsOptions {
  /**
   * Which weights are kept. Its tensors may become sparse, and masked weights are +0 also where they do not. Default: every
   * prunable float32 tensor may become sparse, and everything but +0 is kept.
   */
  readonly mask?: Mask;
  /** What should be least for each tensor: bytes in a file with what names it there (`"size"`, the default), or a number. */
  readonly goal?: ChooseFormatOptions["goal"];
  /** Tensors, by path, that are stored in this way and no other; they need not be in the mask. */
  readonly formats?: Readonly<Record<string, SparseCandidateName | SparseCandidate>>;
  /** Which tensors are stored as the transpose of their matrix. Default: none. */
  readonly transposed?: (name: string, tensor: HostTensor) => boolean;
}

/** How a tensor is stored. */
export interface CompressedReport {
  readonly shape: readonly number[];
  /** Name of the candidate; `"dense"` where the tensor stayed as it was. */
  readonly format: string;
  /** Of its arrays. */
  readonly bytes: number;
  readonly denseBytes: number;
  /** Bytes of every candidate that was tried, by its name. */
  readonly candidates: Readonly<Record<string, number>>;
}

export interface Compressed {
  readonly tensors: CompressedTensors;
  /** By path, for the tensors that could have become sparse. */
  readonly report: Readonly<Record<string, CompressedReport>>;
}

/**
 * Chooses for every tensor of a tree how it is stored. Tensors that gain nothing stay dense, those that are sparse already
 * stay as they are. Only float32 tensors become sparse.
 *
 * @param params a tree of tensors on the host; `SparseTensor` records may be among them.
 * @throws LotteryError E_MASK when the mask does not fit; E_OPTION for a format of a tensor that there is not; E_PARAMETERS for a
 *   format of a tensor that is not float32; whatever that format throws.
 */
export function compressTensors(params: unknown, options: CompressTensorsOptions = {}): Compressed {
  const where = "compressTensors";
  const { mask, goal = "size", formats = {}, transposed = () => false } = options;
  const given = namedLeaves(where, params);
  const dense: Named = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, HostTensor] => !isSparseTensor(entry[1])),
  );
  if (mask !== undefined) checkMask(where, mask, dense);
  for (const name of Object.keys(formats)) if (dense[name] === undefined) unknownTensor(where, name);
  const masked = mask === undefined ? dense : applyMask(dense, mask);
  const tensors: Record<string, HostTensor | SparseTensor> = { ...given, ...masked };
  const report: Record<string, CompressedReport> = {};
  for (const name of sortedNames(dense)) {
    const value = dense[name] as HostTensor;
    const forced = formats[name];
    const tried = mask === undefined ? isPrunable(name, value) : mask[name] !== undefined;
    if (forced === undefined && !(tried && value.dtype === "float32")) continue;
    if (value.dtype !== "float32") {
      const message = `${where}: ${name} is ${value.dtype}, only float32 can be stored as ${String(forced)}`;
      throw new LotteryError("E_PARAMETERS", message, { tensor: name });
    }
    const kept = mask?.[name];
    const shape = value.shape;
    const turned = transposed(name, value);
    const chosen = sparseTensor(value, {
      goal:
        goal === "size"
          ? (matrix) => sparseBytes(matrix) + headerCost(name, { shape, transposed: turned, matrix })
          : goal,
      transposed: turned,
      ...(kept && { mask: kept }),
      ...(forced && { candidates: candidatesFor(where, name, forced) }),
    });
    const stays = chosen.tensor.matrix.format === "dense";
    if (!stays) tensors[name] = chosen.tensor;
    const format = stays ? "dense" : chosen.name;
    const bytes = sparseBytes(chosen.tensor.matrix);
    report[name] = { shape, format, bytes, denseBytes: 4 * value.size, candidates: chosen.bytes };
  }
  return { tensors, report };
}

/** The one candidate that was asked for; it must hold the tensor. */
function candidatesFor(
  where: string,
  name: string,
  format: SparseCandidateName | SparseCandidate,
): Readonly<Record<string, SparseCandidate>> {
  const [title, candidate] =
    typeof format === "function" ? ["given", format] : [format, candidateNamed(where, name, format)];
  return {
    [title]: (data, rows, columns, mask) => {
      return candidate(data, rows, columns, mask) ?? sparseFault(where, `cannot be stored as ${title}`, name);
    },
  };
}

function candidateNamed(where: string, name: string, format: SparseCandidateName): SparseCandidate {
  if (Object.hasOwn(sparseCandidates, format)) return sparseCandidates[format];
  const known = Object.keys(sparseCandidates).join(", ");
  const message = `${where}: the format of ${name} must be one of ${known}, got ${String(format)}`;
  throw new LotteryError("E_OPTION", message, { tensor: name });
}

function unknownTensor(where: string, name: string): never {
  throw new LotteryError("E_OPTION", `${where}: there is no dense tensor ${name} to give a format`, { tensor: name });
}

function namedLeaves(where: string, params: unknown): CompressedTensors {
  const isLeaf = (value: unknown): value is HostTensor | SparseTensor => isTensor(value) || isSparseTensor(value);
  const { leaves, paths } = flattenTree(params, isLeaf, { op: where, argument: "params" });
  const entries = leaves.map((leaf, i): [string, HostTensor | SparseTensor] => {
    const name = paths[i] as string;
    if (isSparseTensor(leaf) || isHostTensor(leaf)) return [name, leaf];
    const message = `${where}: ${name} is not on the host; await toHostTree(params) first`;
    throw new LotteryError("E_PARAMETERS", message, { tensor: name });
  });
  return Object.fromEntries(entries);
}
