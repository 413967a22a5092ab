import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { type Named, sortedNames } from "../base/parameters.ts";
import { bits, type Mask, maskBytes } from "./mask.ts";

const bitsSuffix = ".bits";
const shapeSuffix = ".shape";

/**
 * A mask with one bit per weight, for files: for the tensor `a` the uint8 tensor `a.bits` of ceil(size / 8) bytes, weight 8 j + i
 * in bit i (the lowest first) of byte j, unused bits 0; and the int32 tensor `a.shape`. `writeSafetensors` of core-tensor
 * takes it as it is.
 */
export function packMask(mask: Mask): Named {
  const packed: Record<string, HostTensor> = {};
  for (const name of sortedNames(mask)) {
    const entry = mask[name] as HostTensor;
    const kept = maskBytes(entry);
    const bytes = new Uint8Array(Math.ceil(kept.length / 8));
    for (let i = 0; i < kept.length; i++) (bytes[i >>> 3] as number) |= (kept[i] as number) << (i & 7);
    packed[name + bitsSuffix] = tensor(bytes);
    packed[name + shapeSuffix] = tensor(Int32Array.from(entry.shape));
  }
  return packed;
}

/**
 * The mask that `packMask` packed.
 *
 * @throws LotteryError E_MASK when a tensor has another name, type or length, or a bit is set behind the last weight.
 */
export function unpackMask(packed: Named): Mask {
  const mask: Record<string, HostTensor> = {};
  for (const key of sortedNames(packed)) {
    if (key.endsWith(bitsSuffix)) {
      const name = key.slice(0, -bitsSuffix.length);
      mask[name] = unpack(name, packed[key] as HostTensor, packed[name + shapeSuffix]);
    } else if (!key.endsWith(shapeSuffix) || !Object.hasOwn(packed, key.slice(0, -shapeSuffix.length) + bitsSuffix)) {
      throw new LotteryError("E_MASK", `unpackMask: ${key} belongs to no mask`, { tensor: key });
    }
  }
  return mask;
}

function unpack(name: string, packed: HostTensor, dims: HostTensor | undefined): HostTensor {
  const fail: (reason: string, index?: number) => never = (reason, index) => {
    const details = index === undefined ? { tensor: name } : { tensor: name, index };
    throw new LotteryError("E_MASK", `unpackMask: ${name}: ${reason}`, details);
  };
  if (packed.dtype !== "uint8") fail(`the bits must be uint8, got ${packed.dtype}`);
  if (dims?.dtype !== "int32" || dims.rank !== 1) fail("there must be an int32 tensor with the shape");
  const shape = [...(dims.dataSync() as Int32Array)];
  const size = shape.reduce((product, dim) => product * dim, 1);
  const bytes = packed.dataSync() as Uint8Array;
  if (shape.some((dim) => dim < 0) || bytes.length !== Math.ceil(size / 8)) {
    fail(`${bytes.length} bytes do not hold the shape [${shape}]`);
  }
  const last = bytes.length - 1;
  if (size % 8 !== 0 && (bytes[last] as number) >>> (size % 8) !== 0) fail("a bit is set behind the last weight", last);
  const kept = new Uint8Array(size);
  for (let i = 0; i < size; i++) kept[i] = ((bytes[i >>> 3] as number) >>> (i & 7)) & 1;
  return bits(kept, shape);
}
