import { type HostTensor, isHostTensor } from "@parsimony/core-tensor";
import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { floatData, type Named, namedTensors, sortedNames } from "../base/parameters.ts";
import { canonicalAxis, inputAxis } from "./axis.ts";
import { bits, isPrunable, type Mask, maskBytes, type Prunable } from "./mask.ts";
import { checkScores, type Scores } from "./scores.ts";

/** An N:M pattern: of every `of` neighbours along an axis `keep` stay. */
export interface NmPattern {
  /** N: weights that stay in each group, 1 … `of`. 2:4 is `{ keep: 2, of: 4 }`. */
  readonly keep: number;
  /** M: size of a group. It must divide the axis. */
  readonly of: number;
  /**
   * Axis along which the neighbours lie, negative from the end. Default: the input axis, 0 of a dense layer's [in, out] and 1 of a
   * convolution's [out, in, height, width]. A dense weight stored as [out, in] needs axis 1.
   */
  readonly axis?: number;
}

export interface NmMaskOptions extends NmPattern {
  /** Which tensors get the pattern. Default: `isPrunable`. */
  readonly prunable?: Prunable;
}

/**
 * The mask that keeps the `keep` largest |w| of every `of` consecutive weights along the input axis, exactly as many in every group,
 * zeros included; of equals the smaller index stays. Hardware with 2:4 sparsity wants this form (Mishra et al. 2021).
 *
 * Never falls back to another pattern: leave out tensors that do not fit by `prunable`.
 *
 * @throws LotteryError E_NM_SHAPE when `of` does not divide the axis; E_OPTION for a pattern or axis out of range;
 *   E_NON_FINITE for weights that are no finite numbers; E_EMPTY when no tensor is chosen.
 */
export function nmMask(params: unknown, options: NmMaskOptions): Mask {
  const where = "nmMask";
  const { prunable = isPrunable, ...pattern } = options;
  const named = namedTensors(where, params);
  const names = sortedNames(named).filter((name) => prunable(name, named[name] as HostTensor));
  if (names.length === 0) throw new LotteryError("E_EMPTY", `${where}: no tensor is prunable`);
  const chosen: Named = Object.fromEntries(names.map((name) => [name, named[name] as HostTensor]));
  checkFinite(where, chosen);
  return masksOf(where, chosen, pattern, Math.abs);
}

/**
 * The mask that keeps the `keep` largest scores of every group, for every tensor that has scores; otherwise as `nmMask`.
 *
 * @throws LotteryError as `nmMask`.
 */
export function nmMaskByScore(scores: Scores, pattern: NmPattern): Mask {
  checkFinite("nmMaskByScore", scores);
  return masksOf("nmMaskByScore", scores, pattern, (score) => score);
}

/**
 * Does a mask keep at most `keep` of every `of` consecutive weights along the input axis? A ticket whose pattern still holds
 * after more pruning says true.
 *
 * @throws LotteryError E_NM_SHAPE, E_OPTION as `nmMask`.
 */
export function isNmMask(mask: Mask, pattern: NmPattern): boolean {
  return Object.entries(mask).every(([name, entry]) => {
    const kept = maskBytes(entry);
    let holds = true;
    eachGroup("isNmMask", name, entry.shape, pattern, (first, stride) => {
      let count = 0;
      for (let i = 0; i < pattern.of; i++) count += kept[first + i * stride] as number;
      holds &&= count <= pattern.keep;
    });
    return holds;
  });
}

function checkFinite(where: string, tensors: Named): void {
  for (const [name, each] of Object.entries(tensors)) {
    if (!isHostTensor(each)) {
      throw new LotteryError("E_PARAMETERS", `${where}: ${name} is not on the host`, { tensor: name });
    }
  }
  const all = Object.entries(tensors).map(([name, { size, shape }]) => [
    name,
    bits(new Uint8Array(size).fill(1), shape),
  ]);
  checkScores(where, tensors, Object.fromEntries(all) as Mask);
}

function masksOf(where: string, tensors: Named, pattern: NmPattern, value: (entry: number) => number): Mask {
  return Object.fromEntries(
    sortedNames(tensors).map((name) => {
      const entry = tensors[name] as HostTensor;
      const values = floatData(where, name, entry);
      const kept = new Uint8Array(values.length);
      eachGroup(where, name, entry.shape, pattern, (first, stride) => {
        for (let n = 0; n < pattern.keep; n++) {
          let best = -1;
          for (let at = first; at < first + pattern.of * stride; at += stride) {
            if (kept[at] === 1) continue;
            if (best < 0 || value(values[at] as number) > value(values[best] as number)) best = at;
          }
          kept[best] = 1;
        }
      });
      return [name, bits(kept, entry.shape)];
    }),
  );
}

function eachGroup(
  where: string,
  name: string,
  shape: readonly number[],
  { keep, of, axis }: NmPattern,
  visit: (first: number, stride: number) => void,
): void {
  checkWhole(where, "keep", keep, 1);
  checkWhole(where, "of - keep", of - keep, 0);
  const along = canonicalAxis(where, name, axis ?? inputAxis(shape.length), shape.length);
  const length = shape[along] as number;
  if (length % of !== 0) {
    const message = `${where}: ${name}: ${of} does not divide axis ${along} of [${shape}]`;
    throw new LotteryError("E_NM_SHAPE", message, { tensor: name });
  }
  const stride = shape.slice(along + 1).reduce((product, dim) => product * dim, 1);
  const lines = shape.slice(0, along).reduce((product, dim) => product * dim, 1);
  for (let line = 0; line < lines; line++) {
    for (let group = 0; group < length; group += of) {
      for (let column = 0; column < stride; column++) visit((line * length + group) * stride + column, stride);
    }
  }
}
