import fc from "fast-check";
import { type HostTensor, isTensor, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { mapNamed, namedTensors, sortedNames } from "../base/parameters.ts";
import type { Criterion } from "../criteria/criterion.ts";
import { applyMask, type Mask, maskBytes } from "../mask/mask.ts";
import { checkScores, type Scores } from "../mask/scores.ts";
import { masks, parameters } from "./arbitraries.ts";
import type { CheckLawsOptions } from "./law.ts";

/** Parameters and a mask to score. */
export interface CriterionCase<P> {
  /** With +0 at masked places. */
  readonly params: P;
  readonly mask: Mask;
  /** A weight to put at masked places. */
  readonly filler: number;
  /** Weights are scaled by 2^exponent. */
  readonly exponent: number;
}

/** A property of a criterion, in words and as a check that rejects when it does not hold. */
export interface CriterionLaw<P> {
  readonly name: string;
  readonly check: (example: CriterionCase<P>) => Promise<void>;
}

/**
 * fast-check arbitrary of parameters with masks. For a criterion that runs a model, hand in the model's parameters:
 * `criterionCases(fc.constant(params))`.
 *
 * @param params any trees of float tensors on the host. Default: `parameters()`, weights on which rankings go wrong
 */
export function criterionCases<P = unknown>(
  params: fc.Arbitrary<P> = parameters() as fc.Arbitrary<P>,
): fc.Arbitrary<CriterionCase<P>> {
  return params.chain((drawn) =>
    fc
      .record({
        mask: masks(namedTensors("criterionCases", drawn)),
        filler: fc.constantFrom(-1000, -0.5, 0.5, 1000),
        exponent: fc.integer({ min: -3, max: 3 }),
      })
      .map((rest) => ({ ...rest, params: applyMask(drawn, rest.mask) })),
  );
}

export interface CriterionLawsOptions {
  /** Does the ranking within each tensor stay when all prunable weights are multiplied by a power of two? Default false. */
  readonly scale?: boolean;
  /** Are the scores independent of the signs of the prunable weights? Default false. */
  readonly signs?: boolean;
  /** Does reversing the weights and the mask of each tensor reverse its scores? Default false. */
  readonly permutation?: boolean;
}

/**
 * What a criterion promises, for `checkCriterionLaws`. Three more laws hold for some criteria: `magnitude` and `lamp` obey all,
 * `synflow` the first two of them.
 *
 * A criterion may refuse a case by throwing E_EMPTY or E_NON_FINITE; the case is then left out as `fc.pre(false)` does it.
 */
export function criterionLaws<P = unknown>(
  criterion: Criterion<P>,
  options: CriterionLawsOptions = {},
): readonly CriterionLaw<P>[] {
  const { scale = false, signs = false, permutation = false } = options;
  const score = async (params: P, mask: Mask): Promise<Scores> => {
    try {
      return await criterion(params, mask, { iteration: 0, iterations: 1 });
    } catch (error) {
      if (error instanceof LotteryError && ["E_EMPTY", "E_NON_FINITE"].includes(error.code))
        return fc.pre(false) as never;
      throw error;
    }
  };
  const laws: Record<string, (example: CriterionCase<P>) => Promise<void>> = {
    "finite floats of the mask's shape for every tensor": async ({ params, mask }) => {
      checkScores("criterion", await score(params, mask), mask);
    },
    "the arguments are not changed": async ({ params, mask }) => {
      const before = [contents(params), contents(mask)].join();
      await score(params, mask);
      if ([contents(params), contents(mask)].join() !== before) throw new Error("parameters or mask were written to");
    },
    "the same arguments give the same scores": async ({ params, mask }) => {
      same(await score(params, mask), await score(params, mask), mask, "the second call");
    },
    "what stands at masked places does not count": async ({ params, mask, filler }) => {
      const filled = mapWeights(params, mask, (value, kept) => (kept ? value : filler));
      same(await score(params, mask), await score(filled, mask), mask, `${filler} at masked places`);
    },
    "the order of names does not matter": async ({ params, mask }) => {
      same(await score(params, mask), await score(reversed(params), reversed(mask)), mask, "another order of names");
    },
    ...(scale ? { "a power of two does not change a tensor's ranking": scaleLaw(score) } : {}),
    ...(signs ? { "signs of weights do not matter": signLaw(score) } : {}),
    ...(permutation ? { "positions do not matter where weights differ": permutationLaw(score) } : {}),
  };
  return Object.entries(laws).map(([name, check]) => ({ name, check }));
}

type Score<P> = (params: P, mask: Mask) => Promise<Scores>;

const scaleLaw =
  <P>(score: Score<P>) =>
  async ({ params, mask, exponent }: CriterionCase<P>): Promise<void> => {
    const scaled = mapWeights(params, mask, (value) => value * 2 ** exponent);
    const back = mapWeights(scaled, mask, (value) => value / 2 ** exponent);
    // Numbers that left the range of their type are other numbers.
    fc.pre(contents(back) === contents(params));
    const [plain, other] = [ranks(await score(params, mask), mask), ranks(await score(scaled, mask), mask)];
    if (plain !== other) throw new Error(`weights times 2^${exponent}: the ranks ${plain} became ${other}`);
  };

const signLaw =
  <P>(score: Score<P>) =>
  async ({ params, mask }: CriterionCase<P>): Promise<void> => {
    const flipped = mapWeights(params, mask, (value, kept, i) => (kept && i % 2 === 0 ? -value : value));
    same(await score(params, mask), await score(flipped, mask), mask, "other signs");
  };

const permutationLaw =
  <P>(score: Score<P>) =>
  async ({ params, mask }: CriterionCase<P>): Promise<void> => {
    const offsets = new Map(sortedNames(mask).map((name, i) => [name, i / 8]));
    const distinct = mapWeights(params, mask, (_, kept, i, name) =>
      kept ? 1 + ((i * 7919) % 8191) + (offsets.get(name) as number) : 0,
    );
    const names = new Set(sortedNames(mask));
    const turned = mapNamed(distinct, (each, name) => (names.has(name) ? backwards(each) : each));
    const found = mapNamed(await score(turned, mapNamed(mask, backwards)), backwards);
    same(await score(distinct, mask), found, mask, "reversed tensors");
  };

/**
 * Runs every law on random cases, the same for the same seed, and rejects with an Error with the law's name and the smallest failing
 * case that was found; also when the criterion refuses nearly every case.
 *
 * @example await checkCriterionLaws(criterionLaws(myCriterion), criterionCases(), { runs: 50 })
 */
export async function checkCriterionLaws<P>(
  laws: readonly CriterionLaw<P>[],
  cases: fc.Arbitrary<CriterionCase<P>>,
  { runs = 100, seed = 0 }: CheckLawsOptions = {},
): Promise<void> {
  for (const { name, check } of laws) {
    const details = await fc.check(fc.asyncProperty(cases, check), { numRuns: runs, seed });
    if (details.failed)
      throw new Error(`${name}: ${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
  }
}

/** Throws unless the scores of kept weights have the same bits. */
function same(a: Scores, b: Scores, mask: Mask, what: string): void {
  for (const name of sortedNames(mask)) {
    const kept = maskBytes(mask[name] as HostTensor);
    const [was, is] = [a, b].map((scores) => scores[name]?.dataSync() as Float64Array);
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 0 || Object.is(was?.[i], is?.[i])) continue;
      throw new Error(`${what}: the score of ${name} at ${i} was ${was?.[i]} and is ${is?.[i]}`);
    }
  }
}

/** For every kept weight, how many of its tensor have smaller scores. */
function ranks(scores: Scores, mask: Mask): string {
  const lists = sortedNames(mask).map((name) => {
    const kept = maskBytes(mask[name] as HostTensor);
    const values = Array.from(scores[name]?.dataSync() as Float64Array).filter((_, i) => kept[i] === 1);
    const sorted = values.toSorted((x, y) => x - y);
    return `${name} ${values.map((value) => sorted.indexOf(value))}`;
  });
  return lists.join("; ");
}

function mapWeights<P>(
  params: P,
  mask: Mask,
  fn: (value: number, kept: boolean, index: number, name: string) => number,
): P {
  return mapNamed(params, (each, name) => {
    const entry = mask[name];
    if (entry === undefined) return each;
    const kept = maskBytes(entry);
    const values = (each.dataSync() as Float32Array).map((value, i) => fn(value, kept[i] === 1, i, name));
    return tensor(values, { shape: each.shape, dtype: each.dtype });
  });
}

function backwards(each: HostTensor): HostTensor {
  return tensor((each.dataSync() as Float32Array).toReversed(), { shape: each.shape, dtype: each.dtype });
}

/** The same tree with the keys of every object written in the opposite order. */
function reversed<T>(tree: T): T {
  const turn = (node: unknown): unknown => {
    if (isTensor(node) || typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) return node.map(turn);
    const entries = Object.entries(node).toReversed();
    return Object.fromEntries(entries.map(([key, value]) => [key, turn(value)]));
  };
  return turn(tree) as T;
}

function contents(tree: unknown): string {
  const named = namedTensors("criterionLaws", tree);
  const print = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));
  return sortedNames(named)
    .map((name) => `${name} ${Array.from(named[name]?.dataSync() as Float32Array, print)}`)
    .join("; ");
}
