import { checkShare } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { sortedNames } from "../base/parameters.ts";
import type { Amount } from "./removalCount.ts";

/** How much to remove: exactly one of `rate`, `density` and `densities`. */
export interface AmountOptions {
  /**
   * Share of the survivors to remove, in [0, 1]: one for all tensors, or by name. Tensors that a record does not list are not
   * pruned.
   */
  readonly rate?: number | Readonly<Record<string, number>>;
  /** Share of all prunable weights that stays, in [0, 1]: of every tensor, or in global scope of the ranked tensors together. */
  readonly density?: number;
  /** Share that stays of each tensor, by name, for example from `erkDensities`; layer scope. Others are not pruned. */
  readonly densities?: Readonly<Record<string, number>>;
  /** Name of the tensor into the output layer, which gets a rate of its own; with a `rate` that is a number. */
  readonly outputLayer?: string;
  /** Rate of the output layer. Default: half of `rate` (Frankle and Carbin 2019). */
  readonly outputRate?: number;
}

/** What is asked of each tensor that is pruned, by name. */
export function amountsOf(
  where: string,
  names: readonly string[],
  options: AmountOptions & { readonly scope?: "layer" | "global" },
): Readonly<Record<string, Amount>> {
  const { rate, density, densities, outputLayer, outputRate } = options;
  const given = [rate, density, densities].filter((each) => each !== undefined);
  if (given.length !== 1) fail(where, `give exactly one of rate, density and densities, got ${given.length}`);
  const forAll = (amount: Amount): Record<string, Amount> => Object.fromEntries(names.map((name) => [name, amount]));
  if (typeof rate === "number") {
    checkShare(where, "rate", rate);
    const amounts = forAll({ rate });
    if (outputLayer === undefined) {
      if (outputRate !== undefined) fail(where, "outputRate needs outputLayer");
      return amounts;
    }
    checkKnown(where, "outputLayer", outputLayer, names);
    const own = outputRate ?? rate / 2;
    checkShare(where, "outputRate", own);
    return { ...amounts, [outputLayer]: { rate: own } };
  }
  if (outputLayer !== undefined || outputRate !== undefined) {
    fail(where, "outputLayer and outputRate go with a rate that is a number; a record can list the output layer");
  }
  if (rate !== undefined) return byName(where, "rate", rate, names, (share) => ({ rate: share }));
  if (density !== undefined) {
    checkShare(where, "density", density);
    return forAll({ density });
  }
  if (options.scope === "global") fail(where, "densities are a matter of each tensor: scope layer");
  return byName(where, "densities", densities ?? {}, names, (share) => ({ density: share }));
}

function byName(
  where: string,
  option: string,
  shares: Readonly<Record<string, number>>,
  names: readonly string[],
  amount: (share: number) => Amount,
): Record<string, Amount> {
  return Object.fromEntries(
    sortedNames(shares).map((name) => {
      checkKnown(where, option, name, names);
      const share = shares[name] as number;
      checkShare(where, `${option} of ${name}`, share);
      return [name, amount(share)];
    }),
  );
}

function checkKnown(where: string, option: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const message = `${where}: ${option}: the mask has no tensor ${name}, only ${names.join(", ")}`;
  throw new LotteryError("E_OPTION", message, { tensor: name });
}

function fail(where: string, reason: string): never {
  throw new LotteryError("E_OPTION", `${where}: ${reason}`);
}
