import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EvolveOptions, type EvolutionState, evolve } from "../../src/architecture/evolve.ts";
import {
  type Genes,
  type Space,
  candidateKey,
  crossed,
  mutated,
  randomGenes,
  uniforms,
} from "../../src/architecture/space.ts";
import { random } from "@parsimony/core-tensor";

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/** Twelve digits, each best at a place of its own: a sum of terms of one gene each. */
const names = Array.from({ length: 12 }, (_, i) => `gene${i}`);
const toy: Space = {
  choices: Object.fromEntries(names.map((name) => [name, digits])),
  costs: (genes) => ({
    macs: names.reduce((sum, name) => sum + (genes[name] as number), 0),
    memoryBytes: 1 + (genes["gene0"] as number),
  }),
};
const worth = (genes: Genes): number =>
  0 - names.reduce((sum, name, i) => sum + Math.abs((genes[name] as number) - ((7 * i + 3) % 10)), 0);
const base: EvolveOptions = { space: toy, evaluate: ({ genes }) => worth(genes), seed: 1 };

describe("evolve", () => {
  it("finds the optimum of a separable objective among 10^12 candidates", async () => {
    const { best, evaluations, history } = await evolve(base);
    expect(best.score).toBe(0);
    expect(evaluations).toBe(3100);
    expect(history).toHaveLength(31);
  });

  it("has a best that never falls and agrees with all scores", async () => {
    const { history, state } = await evolve({ ...base, population: 20, parents: 5, generations: 8 });
    history.forEach((entry, i) => {
      const soFar = state.scored.slice(0, entry.evaluations).map(({ score }) => score);
      expect(entry.best.score).toBe(Math.max(...soFar));
      if (i > 0) expect(entry.best.score).toBeGreaterThanOrEqual(history[i - 1]?.best.score as number);
      const parents = soFar.sort((a, b) => b - a).slice(0, 5);
      expect(entry.parentsMean).toBeCloseTo(parents.reduce((sum, score) => sum + score, 0) / 5, 10);
    });
  });

  it("evaluates no candidate twice and none that breaks a constraint", async () => {
    const seen: string[] = [];
    const { best } = await evolve({
      ...base,
      constraints: { macs: 40, memoryBytes: 3 },
      generations: 10,
      evaluate: ({ genes, costs }) => {
        expect(costs).toEqual(toy.costs?.(genes));
        expect(costs["macs"]).toBeLessThanOrEqual(40);
        expect(genes["gene0"]).toBeLessThanOrEqual(2);
        seen.push(candidateKey(toy, genes));
        return worth(genes);
      },
    });
    expect(new Set(seen).size).toBe(seen.length);
    // The targets sum to 48, so eight steps of one are missing: that is the optimum under the constraint.
    expect(best.score).toBe(-8);
  });

  it("is a function of its seed", async () => {
    const small = { ...base, population: 10, parents: 4, generations: 3 };
    const first = await evolve(small);
    expect(await evolve(small)).toEqual(first);
    expect((await evolve({ ...small, seed: 2 })).state.scored).not.toEqual(first.state.scored);
  });

  it("goes on from JSON, in which the scores of failed candidates are null", async () => {
    const evaluate: EvolveOptions["evaluate"] = ({ genes }) =>
      (genes["gene0"] as number) % 2 === 1 ? Number.NEGATIVE_INFINITY : worth(genes) - 1000;
    const options = { ...base, evaluate, population: 6, parents: 4, generations: 3 };
    const states: EvolutionState[] = [];
    const keep = (_: unknown, state: EvolutionState): void => {
      states.push(JSON.parse(JSON.stringify(state)) as EvolutionState);
    };
    const whole = await evolve({ ...options, onScore: keep, onProgress: keep });
    expect(whole.state.scored.some(({ score }) => score === Number.NEGATIVE_INFINITY)).toBe(true);
    for (const resume of states) expect(await evolve({ ...options, resume })).toEqual(whole);
  });

  it("has nothing to go on with when the space is used up", async () => {
    const space: Space = { choices: { only: [0, 1, 2] } };
    const evaluate: EvolveOptions["evaluate"] = ({ genes }) => genes["only"] as number;
    const options = { space, evaluate, seed: 1, population: 2, tries: 50 };
    const whole = await evolve(options);
    expect(whole.evaluations).toBe(3);
    expect(await evolve({ ...options, resume: whole.state })).toEqual(whole);
  });

  it("goes on from any evaluation as if it had not been interrupted", async () => {
    const small = { ...base, population: 10, parents: 4, generations: 3 };
    const states: EvolutionState[] = [];
    const whole = await evolve({
      ...small,
      onScore: (_, state) => void states.push(JSON.parse(JSON.stringify(state))),
    });
    expect(states).toHaveLength(40);
    for (const at of [0, 9, 10, 24, 39]) {
      let evaluated = 0;
      const resumed = await evolve({
        ...small,
        resume: states[at] as EvolutionState,
        evaluate: ({ genes }) => {
          evaluated++;
          return worth(genes);
        },
      });
      expect(resumed).toEqual(whole);
      expect(evaluated).toBe(39 - at);
    }
    const longer = await evolve({ ...small, generations: 5, resume: whole.state });
    expect(longer).toEqual(await evolve({ ...small, generations: 5 }));
  });

  it("counts candidates that differ in genes without effect as one, and ends when the space is used up", async () => {
    const space: Space = {
      choices: { depth: [1, 2], first: [0, 1], second: [0, 1] },
      canonical: (genes) => (genes["depth"] === 1 ? { ...genes, second: 0 } : genes),
    };
    const { evaluations, history } = await evolve({ ...base, space, evaluate: () => 0, population: 4, tries: 100 });
    expect(evaluations).toBe(6);
    expect(history.length).toBeLessThan(10);
  });

  it("takes -Infinity for a candidate that failed", async () => {
    const { best } = await evolve({
      ...base,
      population: 10,
      generations: 2,
      evaluate: ({ genes }) => (genes["gene1"] === 5 ? 1 : Number.NEGATIVE_INFINITY),
    });
    expect(best.score).toBe(1);
  });

  it("stops at a signal between evaluations", async () => {
    let evaluated = 0;
    const reason = new Error("enough");
    const signal = { aborted: false, throwIfAborted: () => void (evaluated === 7 && raise(reason)) };
    const run = evolve({ ...base, signal, evaluate: () => evaluated++ });
    await expect(run).rejects.toBe(reason);
    expect(evaluated).toBe(7);
  });

  it("refuses what it cannot work with", async () => {
    const refused = async (options: Partial<EvolveOptions>, code: string, text: RegExp): Promise<void> => {
      const error = await evolve({ ...base, population: 4, generations: 1, tries: 50, ...options }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({ name: "PatchInferError", code });
      expect((error as Error).message).toMatch(text);
    };
    await refused(
      { constraints: { macs: 0.5, memoryBytes: 0.5 } },
      "BUDGET_INFEASIBLE",
      /200 meets.*smallest memory seen is 1 bytes/,
    );
    await refused({ constraints: { latency: 3 } }, "OPTION", /does not measure "latency", only macs, memoryBytes/);
    await refused({ constraints: { macs: -1 } }, "OPTION", /macs must be positive/);
    await refused({ constraints: { macs: 3 }, space: { choices: toy.choices } }, "OPTION", /need a space with costs/);
    await refused({ evaluate: () => Number.NaN }, "OPTION", /finite number or -Infinity, got NaN/);
    await refused({ population: 0 }, "OPTION", /population must be a whole number, at least 1/);
    await refused({ generations: -1 }, "OPTION", /generations must be a whole number, at least 0/);
    await refused({ seed: 0.5 }, "OPTION", /seed/);
    await refused({ mutationRatio: 1.5 }, "OPTION", /mutationRatio must lie in \[0, 1\]/);
    await refused({ space: { choices: {} } }, "OPTION", /no gene/);
    await refused({ space: { choices: { a: [] } } }, "OPTION", /"a" has no value/);
    const { state } = await evolve({ ...base, population: 4, generations: 0 });
    await refused({ evaluate: (() => undefined) as never }, "OPTION", /finite number or -Infinity, got undefined/);
    await refused({ resume: state, seed: 2 }, "OPTION", /belongs to seed 1, not 2/);
  });
});

function raise(error: Error): never {
  throw error;
}

describe("genes", () => {
  const draw = (seed: number): (() => number) => uniforms(random.key(seed));

  it("stay inside their choices, whatever is drawn", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, probability) => {
        const next = draw(seed);
        const [a, b] = [randomGenes(toy, next), randomGenes(toy, next)];
        for (const genes of [a, b, mutated(toy, a, probability, next), crossed(toy, a, b, next)])
          for (const name of names) expect(digits).toContain(genes[name]);
        const child = crossed(toy, a, b, next);
        for (const name of names) expect([a[name], b[name]]).toContain(child[name]);
        expect(mutated(toy, a, 0, next)).toEqual(a);
      }),
      { numRuns: 30 },
    );
  });

  it("mutate as often as they are told to", () => {
    const next = draw(3);
    const parent = randomGenes(toy, next);
    let changed = 0;
    for (let i = 0; i < 500; i++) {
      const child = mutated(toy, parent, 0.1, next);
      changed += names.filter((name) => child[name] !== parent[name]).length;
    }
    // 0.1, and one in ten draws the value that was there.
    expect(changed / (500 * names.length)).toBeCloseTo(0.09, 2);
  });

  it("are drawn from streams that go on evenly", () => {
    const next = draw(5);
    const values = Array.from({ length: 1000 }, next);
    expect(new Set(values).size).toBeGreaterThan(990);
    expect(values.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });
});
