import { type HostTensor, tensor } from "@parsimony/core-tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, Named, Trainer, TrainState } from "../../src/index.ts";
import { checkTrainerLaws, trainerCases, trainerLaws } from "../../src/testing/index.ts";
import { altered } from "../tickets/helpers.ts";
import { tinyTrainer } from "../tickets/tinyTrainer.ts";

const good = tinyTrainer({ steps: 12, batch: 4, momentum: 0.9, rate: 0.1, dropAt: 2, drawn: true });

test("a trainer that keeps the contract", async () => {
  await checkTrainerLaws(good);
});

describe("broken twins are found", () => {
  const map = (tensors: Named, fn: (value: number, i: number) => number): Named =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, value]): [string, HostTensor] => {
        const values = (value.dataSync() as Float64Array).map(fn);
        return [name, tensor(values, { shape: value.shape, dtype: "float64" })];
      }),
    );
  const after = (change: (state: TrainState, count: number) => TrainState): Partial<Trainer> => {
    let count = 0;
    return {
      advance: async (state, mask, toStep, seed) => change(await good.advance(state, mask, toStep, seed), count++),
    };
  };
  let calls = 0;
  const twins: Readonly<Record<string, Partial<Trainer>>> = {
    "the description is JSON": { description: { of: new Map() } as unknown as Json },
    "init is a function of the seed": { init: async (seed) => good.init(seed + calls++) },
    "begin stands at step 0 with the weights that it was given": {
      begin: async (params) => ({ ...(await good.begin(params)), step: 1 }),
    },
    "the same arguments give the same bits": after((state, count) => ({
      ...state,
      params: map(state.params, (value) => (value === 0 ? 0 : value + count)),
    })),
    "training in two stretches is training in one": {
      // The momentum starts anew with each call.
      advance: async (state, mask, toStep, seed) =>
        good.advance({ ...state, optimizer: (await good.begin(state.params)).optimizer }, mask, toStep, seed),
    },
    "what is masked is +0 after training, whatever went in": {
      // Masked gradients only: what went in stays.
      advance: async (state, mask, toStep, seed) => {
        const clean = await good.advance(state, mask, toStep, seed);
        const params = Object.entries(clean.params).map(([name, value]): [string, HostTensor] => {
          const before = state.params[name]?.dataSync() as Float64Array;
          const kept = mask[name]?.dataSync();
          const values = (value.dataSync() as Float64Array).map((each, i) =>
            kept?.[i] === 0 ? (before[i] as number) : each,
          );
          return [name, tensor(values, { shape: value.shape, dtype: "float64" })];
        });
        return { ...clean, params: Object.fromEntries(params) };
      },
    },
    "a mask of ones changes nothing": {
      advance: (state, mask, toStep, seed) =>
        good.advance(state, mask, toStep, Object.keys(mask).length > 0 ? seed : seed + 1),
    },
    "the order of names changes nothing": {
      advance: (state, mask, toStep, seed) =>
        good.advance(state, mask, toStep, Object.keys(state.params)[0] === "W1" ? seed : seed + 1),
    },
    "what goes in is not changed": {
      advance: async (state, mask, toStep, seed) => {
        const next = await good.advance(state, mask, toStep, seed);
        (state.params["b1"]?.dataSync() as Float64Array)[0] = next.step;
        return next;
      },
    },
    "evaluation is a function of the weights, with a loss": {
      evaluate: async () => ({ loss: calls++ }),
    },
  };

  test("by the law that they break", async () => {
    const cases = fc.sample(trainerCases(), { numRuns: 4, seed: 1 });
    for (const [name, twin] of Object.entries(twins)) {
      const law = trainerLaws(altered(good, twin)).find((each) => each.name === name);
      const verdicts = await Promise.allSettled(cases.map((example) => law?.check(example)));
      expect(
        verdicts.map(({ status }) => status),
        name,
      ).toContain("rejected");
    }
    await expect(checkTrainerLaws(altered(good, twins["a mask of ones changes nothing"] ?? {}))).rejects.toThrow(
      /a mask of ones changes nothing: Property failed/,
    );
  });

  test("also one that forgets where it stands", async () => {
    const drifting = after((state) => ({ ...state, optimizer: map(state.optimizer, (value) => value / 2) }));
    await expect(checkTrainerLaws(altered(good, drifting), { runs: 3 })).rejects.toThrow(/stretches|no step/);
  });

  test("every law has a twin", () => {
    const covered = [...Object.keys(twins), "training no step leaves a masked state as it is"];
    expect(
      trainerLaws(good)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(covered.toSorted());
  });
});
