import { type HostTensor, type Tensor, isHostTensor, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { type Named, mapNamed, namedTensors, sortedNames } from "../base/parameters.ts";

/**
 * Which weights are kept: for every prunable tensor, by its path in the tree of parameters, a bool tensor of its shape;
 * true means kept. Tensors without an entry (biases, scales) are never pruned. Masks are never changed in place.
 */
export type Mask = Named;

/** Which tensors may be pruned. The path is for example `"hidden1.weight"`. */
export type Prunable = (name: string, param: Tensor) => boolean;

/** Floats with two axes or more: weights of dense layers and convolutions, not biases and scales. */
export const isPrunable: Prunable = (_name, { rank, dtype }) =>
  rank >= 2 && (dtype === "float32" || dtype === "float64");

export interface OnesMaskOptions {
  /** Default: `isPrunable`. */
  readonly prunable?: Prunable;
}

/**
 * The mask that keeps everything: level 0.
 *
 * @throws LotteryError E_EMPTY when nothing is prunable.
 */
export function onesMask(params: unknown, { prunable = isPrunable }: OnesMaskOptions = {}): Mask {
  const named = namedTensors("onesMask", params);
  const names = sortedNames(named).filter((name) => prunable(name, named[name] as HostTensor));
  if (names.length === 0) throw new LotteryError("E_EMPTY", "onesMask: no tensor is prunable");
  return Object.fromEntries(
    names.map((name) => {
      const { shape, size } = named[name] as HostTensor;
      return [name, bits(new Uint8Array(size).fill(1), shape)];
    }),
  );
}

/** A bool tensor over these bytes, each 0 or 1. */
export function bits(bytes: Uint8Array, shape: readonly number[]): HostTensor {
  return tensor(bytes, { shape, dtype: "bool" });
}

/** The bytes of a mask's tensor in row-major order, 1 for kept. */
export function maskBytes(mask: HostTensor): Uint8Array {
  return mask.dataSync() as Uint8Array;
}

/**
 * Throws E_MASK unless every entry of the mask is a bool tensor of the shape of the parameter with its name. Parameters
 * without an entry are not prunable, so the other direction is no fault.
 */
export function checkMask(where: string, mask: Mask, params: Named): void {
  for (const [name, entry] of Object.entries(mask)) {
    // A tensor may be named like a method that every object has.
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    const fail: (reason: string) => never = (reason) => {
      throw new LotteryError("E_MASK", `${where}: mask ${name}: ${reason}`, { tensor: name });
    };
    if (param === undefined) fail("there is no parameter with this name");
    if (!isHostTensor(entry) || entry.dtype !== "bool") fail("must be a bool tensor on the host");
    if (entry.shape.join() !== param.shape.join()) {
      fail(`has the shape [${entry.shape}], the parameter [${param.shape}]`);
    }
  }
}

/**
 * The parameters with +0 wherever the mask says so. Zeros are written, not multiplied: `-w * 0` would be -0.
 *
 * @throws LotteryError E_MASK when the mask does not fit.
 */
export function applyMask<P>(params: P, mask: Mask): P {
  checkMask("applyMask", mask, namedTensors("applyMask", params));
  return mapNamed(params, (param, name) => {
    const entry = Object.hasOwn(mask, name) ? mask[name] : undefined;
    return entry === undefined ? param : masked(param, maskBytes(entry));
  });
}

function masked(param: HostTensor, kept: Uint8Array): HostTensor {
  const values = param.dataSync().slice();
  for (let i = 0; i < kept.length; i++) if (kept[i] === 0) values[i] = 0;
  return tensor(values as Float32Array, { shape: param.shape, dtype: param.dtype });
}

/** How much a tensor, or a whole mask, keeps. */
export interface Density {
  readonly kept: number;
  /** Number of prunable weights. */
  readonly size: number;
  /** kept / size. */
  readonly density: number;
}

/** The share that a mask keeps, over prunable weights only. */
export interface MaskDensity extends Density {
  readonly tensors: Readonly<Record<string, Density>>;
}

/** Counts what a mask keeps: P_m of the lottery ticket papers, with the count for every tensor. */
export function density(mask: Mask): MaskDensity {
  const tensors = Object.fromEntries(sortedNames(mask).map((name) => [name, countKept(mask[name] as HostTensor)]));
  const kept = Object.values(tensors).reduce((sum, each) => sum + each.kept, 0);
  const size = Object.values(tensors).reduce((sum, each) => sum + each.size, 0);
  return { kept, size, density: size === 0 ? 0 : kept / size, tensors };
}

function countKept(entry: HostTensor): Density {
  const bytes = maskBytes(entry);
  let kept = 0;
  for (let i = 0; i < bytes.length; i++) kept += bytes[i] as number;
  return { kept, size: bytes.length, density: bytes.length === 0 ? 0 : kept / bytes.length };
}

/**
 * Throws E_MASK unless every masked weight is exactly +0, naming the first tensor, element and the count. Run it on what
 * comes back from training code that is not yours: a mask that was applied once does not survive an optimiser.
 */
export function assertSparse(params: unknown, mask: Mask): void {
  const named = namedTensors("assertSparse", params);
  checkMask("assertSparse", mask, named);
  for (const name of sortedNames(mask)) {
    const kept = maskBytes(mask[name] as HostTensor);
    const values = (named[name] as HostTensor).dataSync();
    let count = 0;
    let first = -1;
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 1 || Object.is(values[i], 0)) continue;
      if (count++ === 0) first = i;
    }
    if (count === 0) continue;
    const message = `assertSparse: ${count} masked weights of ${name} are not +0, the first at ${first}: ${values[first]}`;
    throw new LotteryError("E_MASK", message, { tensor: name, index: first });
  }
}
