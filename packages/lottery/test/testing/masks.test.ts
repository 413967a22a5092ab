import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor } from "@parsimony/core-tensor";
import {
  type DensitySchedule,
  exponentialSchedule,
  linearSchedule,
  type Mask,
  type Named,
  onesMask,
  pruneByMagnitude,
  pruneByScore,
} from "../../src/index.ts";
import {
  checkLaws,
  type Law,
  maskLaws,
  pruneCases,
  type PruneFunction,
  scheduleCases,
  scheduleLaws,
} from "../../src/testing/index.ts";

const good: PruneFunction = (params, mask, rate) => pruneByMagnitude(params, mask, { rate, allowEmpty: true });

/** Ranks something else than |w|. */
const byScoreOf =
  (score: (weight: number, index: number) => number): PruneFunction =>
  (params, mask, rate) => {
    const scores = Object.fromEntries(
      Object.keys(mask).map((name) => {
        const { shape, data } = { shape: mask[name]?.shape ?? [], data: params[name]?.dataSync() as Float32Array };
        return [name, tensor(Float64Array.from(data, score), { shape })];
      }),
    );
    return pruneByScore(scores, mask, { rate, allowEmpty: true });
  };

const renamed = (record: Named, names: Readonly<Record<string, string>>): Named =>
  Object.fromEntries(Object.entries(record).map(([name, each]) => [names[name] ?? `z${name}`, each]));

/** Of equals those go first that were written first. */
const insertionOrder: PruneFunction = (params, mask, rate) => {
  const names = Object.fromEntries(Object.keys(mask).map((name, i) => [name, `t${i}`]));
  const back = Object.fromEntries(Object.entries(names).map(([name, other]) => [other, name]));
  const options = { rate, allowEmpty: true, scope: "global" } as const;
  return renamed(pruneByMagnitude(renamed(params, names), renamed(mask, names), options), back);
};

/** Does a law fail on some of a hundred cases? */
function breaks<Case>(laws: readonly Law<Case>[], law: string, cases: fc.Arbitrary<Case>): boolean {
  const check = laws.find(({ name }) => name === law)?.check as Law<Case>["check"];
  return fc.check(fc.property(cases, check), { seed: 0, numRuns: 100, endOnFailure: true }).failed;
}

let calls = 0;
const broken: Record<string, [PruneFunction, ...string[]]> = {
  "biases are pruned too": [
    (params) => good(params, onesMask(params, { prunable: () => true }), 0),
    "the tensors of the mask are those that were given",
  ],
  "all weights are ranked anew": [
    (params, _mask, rate) => good(params, onesMask(params), rate),
    "a pruned weight stays pruned",
  ],
  "one weight more": [
    (params, mask, rate) =>
      pruneByMagnitude(params, mask, { rate: Math.min(rate, 0.3), compat: "google", allowEmpty: true }),
    "rate 0 changes nothing",
    "of n survivors floor(rate n + 0.5) go",
    "two steps keep (1 - p)(1 - q) of n, to within one",
  ],
  "rounded up": [
    (params, mask, rate) => good(params, mask, Math.min(1, rate * 1.2)),
    "of n survivors floor(rate n + 0.5) go",
    "two steps keep (1 - p)(1 - q) of n, to within one",
  ],
  "another draw at each call": [
    byScoreOf((_weight, index) => Math.sin(++calls * 7 + index)),
    "the same arguments give the same mask",
    "no survivor is smaller than what went",
  ],
  "the mask is written to": [
    (params, mask, rate) => {
      const left = good(params, mask, rate);
      for (const [name, each] of Object.entries(mask)) {
        (each.dataSync() as Uint8Array).set(left[name]?.dataSync() as Uint8Array);
      }
      return left;
    },
    "the arguments are not changed",
  ],
  "the largest go": [byScoreOf((weight) => -Math.abs(weight)), "no survivor is smaller than what went"],
  "signs matter": [byScoreOf((weight) => weight), "signs and a power of two do not matter"],
  "scale matters": [byScoreOf((weight) => Math.abs(Math.abs(weight) - 0.3)), "signs and a power of two do not matter"],
  "the front goes": [byScoreOf((_weight, index) => index), "positions do not matter where weights differ"],
};

describe("laws of pruning", () => {
  test("they hold for magnitude pruning, layer-wise and global", () => {
    checkLaws(maskLaws(good), pruneCases(), { runs: 30 });
    const global: PruneFunction = (params, mask, rate) => pruneByMagnitude(params, mask, { rate, scope: "global" });
    checkLaws(maskLaws(global, { scope: "global" }), pruneCases(), { runs: 30, seed: 5 });
  });

  test("other criteria and counts are judged by the rest", () => {
    const snip = byScoreOf((weight, index) => Math.abs(weight * Math.cos(index)));
    checkLaws(maskLaws(snip, { magnitude: false }), pruneCases(), { runs: 20 });
    const ceil: PruneFunction = (params, mask, rate) => good(params, mask, Math.min(1, rate * 1.1));
    checkLaws(maskLaws(ceil, { counts: false }), pruneCases(), { runs: 20 });
  });

  test.each(Object.entries(broken).map(([name, [prune, ...laws]]) => ({ name, prune, laws })))(
    "broken: $name",
    ({ prune, laws }) => {
      for (const law of laws) {
        expect(breaks(maskLaws(prune), law, pruneCases())).toBe(true);
      }
    },
  );

  test("broken: ties by order of insertion", () => {
    const law = "the order of names does not matter";
    expect(breaks(maskLaws(insertionOrder, { scope: "global" }), law, pruneCases())).toBe(true);
  });

  test("every law has a twin that breaks it", () => {
    const covered = new Set(Object.values(broken).flatMap(([, ...laws]) => laws));
    covered.add("the order of names does not matter");
    expect(
      maskLaws(good)
        .map(({ name }) => name)
        .filter((name) => !covered.has(name)),
    ).toEqual([]);
  });

  test("the error names the law, what was seen and a small case", () => {
    const idle: PruneFunction = (_params, mask) => mask;
    const run = (): void => checkLaws(maskLaws(idle), pruneCases({ maxLayers: 1, maxDim: 2 }), { seed: 1 });
    expect(run).toThrow("of n survivors floor(rate n + 0.5) go: 2 of 2 are left at rate 0.5, expected 1\n");
    expect(run).toThrow(/"mask":\{"layer0.weight":"bool \[2,1\]: 1 1"\},"rate":0.5/);
  });

  test("a function that fails in another way is not excused", () => {
    const failing = (): Mask => {
      throw new Error("no such thing");
    };
    expect(() => checkLaws(maskLaws(failing), pruneCases(), { runs: 1 })).toThrow("no such thing");
  });
});

describe("laws of schedules", () => {
  let turn = 0;
  const twins: Record<string, [DensitySchedule, string]> = {
    "sparsity in place of density": [
      (target, round, rounds) => ((1 - target) * round) / rounds,
      "densities lie between the target and 1",
    ],
    "down and up again": [
      (target, round, rounds) => (round === 1 && rounds > 2 ? target : linearSchedule(target, round, rounds)),
      "densities never rise",
    ],
    "one round late": [
      (target, round, rounds) => exponentialSchedule(target, round - 1, rounds),
      "the last round has the target",
    ],
    "another density at each call": [
      (target) => target + (1 - target) * (0.5 + 0.5 * Math.sin(turn++)),
      "the same round has the same density",
    ],
  };

  test.each(Object.entries(twins).map(([name, [schedule, law]]) => ({ name, schedule, law })))(
    "broken: $name",
    ({ schedule, law }) => {
      expect(breaks(scheduleLaws(schedule), law, scheduleCases())).toBe(true);
    },
  );

  test("every law has a twin that breaks it; they hold for a schedule of steps", () => {
    const steps: DensitySchedule = (target, round, rounds) => (round === rounds ? target : Math.max(target, 0.5));
    checkLaws(scheduleLaws(steps), scheduleCases(), { runs: 50 });
    expect(
      scheduleLaws(steps)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(
      Object.values(twins)
        .map(([, law]) => law)
        .toSorted(),
    );
  });
});

test("cases are the same for the same seed", () => {
  const drawn = (seed: number): string =>
    JSON.stringify(fc.sample(pruneCases(), { seed, numRuns: 5 }).map(({ rate, exponent }) => [rate, exponent]));
  expect(drawn(1)).toBe(drawn(1));
  expect(drawn(1)).not.toBe(drawn(2));
});
