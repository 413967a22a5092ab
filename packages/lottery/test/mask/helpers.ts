import { tensor } from "@parsimony/core-tensor";
import { LotteryError, type Mask, type Named } from "../../src/index.ts";

/** Code of the LotteryError that a call throws, with the tensor and index where it names them. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof LotteryError)) throw error;
    const place = error.index === undefined ? "" : `[${error.index}]`;
    return error.tensor === undefined ? error.code : `${error.code} ${error.tensor}${place}`;
  }
  throw new Error("expected a LotteryError, but nothing was thrown");
}

/** A mask from words of 0 and 1, each tensor flat. */
export function maskOf(words: Readonly<Record<string, string>>): Mask {
  return Object.fromEntries(
    Object.entries(words).map(([name, word]) => [name, tensor(Uint8Array.from(word, Number), { dtype: "bool" })]),
  );
}

/** A mask as words of 0 and 1. */
export function words(mask: Mask): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mask).map(([name, entry]) => [name, [...(entry.dataSync() as Uint8Array)].join("")]),
  );
}

/** Flat float64 tensors. */
export function flat(values: Readonly<Record<string, readonly number[]>>): Named {
  return Object.fromEntries(
    Object.entries(values).map(([name, list]) => [name, tensor([...list], { dtype: "float64" })]),
  );
}
