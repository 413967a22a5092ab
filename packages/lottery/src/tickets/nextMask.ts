import { type HostTensor, isHostTensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { sortedNames } from "../base/parameters.ts";
import { type Mask, maskBytes } from "../mask/mask.ts";

/**
 * Throws E_MASK unless a criterion's mask has the tensors of the mask before it and keeps nothing that was pruned, and E_EMPTY when a
 * tensor has lost its last weight and that is not allowed.
 */
export function checkNextMask(before: Mask, after: Mask, level: number, allowEmpty: boolean): void {
  const fail: (name: string, reason: string, index?: number) => never = (name, reason, index) => {
    const place = index === undefined ? { tensor: name } : { tensor: name, index };
    throw new LotteryError("E_MASK", `findTickets: the mask after level ${level}: ${name}: ${reason}`, place);
  };
  for (const name of sortedNames(after))
    if (!Object.hasOwn(before, name)) fail(name, "the mask before has no such tensor");
  for (const name of sortedNames(before)) {
    const old = before[name] as HostTensor;
    const entry = after[name];
    if (
      entry === undefined ||
      !isHostTensor(entry) ||
      entry.dtype !== "bool" ||
      entry.shape.join() !== old.shape.join()
    ) {
      fail(name, `must be a bool tensor of the shape [${old.shape}]`);
    }
    const was = maskBytes(old);
    const is = maskBytes(entry);
    const back = is.findIndex((kept, i) => kept === 1 && was[i] === 0);
    if (back >= 0) fail(name, `brings back the pruned weight ${back}`, back);
    if (!allowEmpty && !is.includes(1) && was.includes(1)) {
      const message = `findTickets: ${name} would lose its last weight after level ${level}; allow it with allowEmpty`;
      throw new LotteryError("E_EMPTY", message, { tensor: name });
    }
  }
}
