import { tensor } from "@parsimony/core-tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Mask, onesMask } from "../../src/mask/mask.ts";
import { type RunProgress, stepsTo, trainRun } from "../../src/train/run.ts";
import type { Trainer } from "../../src/train/trainer.ts";

const params = { w: tensor([[1, 2]]) };
const mask = onesMask(params);

/** A trainer without a net: the weight counts the steps, the validation loss is looked up. */
function counting(losses: readonly number[], change: Partial<Trainer> = {}): Trainer {
  return {
    description: "counting",
    steps: losses.length - 1,
    init: () => params,
    begin: (start) => ({ step: 0, params: start, optimizer: {} }),
    advance: async (state, _mask, toStep) => ({ ...state, step: toStep, params: { w: tensor([[toStep, 1]]) } }),
    evaluate: async ({ w }, part) => {
      const step = w === params.w ? 0 : (w?.dataSync()[0] as number);
      return { loss: part === "validation" ? (losses[step] as number) : step, accuracy: step / 100 };
    },
    ...change,
  };
}

const start = { step: 0, params, optimizer: {} };

test("the early stop is the first smallest validation loss, with the test metrics of that step", async () => {
  const run = await trainRun(counting([5, 3, 1, 4, 1, 2]), start, mask, { dataSeed: 0, evalEvery: 1 });
  expect(run.earlyStop).toEqual({
    step: 2,
    validation: { loss: 1, accuracy: 0.02 },
    test: { loss: 2, accuracy: 0.02 },
  });
  expect(run.final).toEqual({ step: 5, validation: { loss: 2, accuracy: 0.05 }, test: { loss: 5, accuracy: 0.05 } });
  expect(run.curve.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(stepsTo(run.curve, 1)).toBe(2);
  expect(stepsTo(run.curve, 0.5)).toBeUndefined();
});

test("early stop = first argmin, whatever the curve and the grid (T8)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { minLength: 2, maxLength: 9 }),
      fc.integer({ min: 1, max: 3 }),
      async (losses, evalEvery) => {
        const run = await trainRun(counting(losses), start, mask, { dataSeed: 0, evalEvery });
        const seen = losses
          .map((loss, step) => ({ loss, step }))
          .filter(({ step }) => step % evalEvery === 0 || step === losses.length - 1);
        const least = Math.min(...seen.map(({ loss }) => loss));
        expect(run.earlyStop.step).toBe(seen.find(({ loss }) => loss === least)?.step);
        expect(run.curve.map(({ step }) => step)).toEqual(seen.map(({ step }) => step));
      },
    ),
  );
});

test("the test set is looked at on its own grid, and at the early stop and the end", async () => {
  const parts: string[] = [];
  const base = counting([5, 3, 1, 4, 1, 2, 9]);
  const trainer = counting([5, 3, 1, 4, 1, 2, 9], {
    evaluate: (named, part) => {
      parts.push(part);
      return base.evaluate(named, part);
    },
  });
  const run = await trainRun(trainer, start, mask, { dataSeed: 0, evalEvery: 1, testEvery: 3 });
  expect(run.curve.filter(({ test: at }) => at !== undefined).map(({ step }) => step)).toEqual([0, 3, 6]);
  expect(run.earlyStop.test.loss).toBe(2);
  expect(parts.filter((part) => part === "test")).toHaveLength(4);
});

test("resumed from any checkpoint, the run is the same", async () => {
  const losses = [5, 3, 4, 2, 6, 2, 7];
  const saved: RunProgress[] = [];
  const options = { dataSeed: 0, evalEvery: 2 };
  const whole = await trainRun(counting(losses), start, mask, { ...options, onCheckpoint: (p) => void saved.push(p) });
  for (const resume of saved) {
    expect(await trainRun(counting(losses), start, mask, { ...options, resume })).toEqual(whole);
  }
});

test.each([
  ["a loss that is NaN", counting([1, Number.NaN]), mask, { code: "E_NON_FINITE", step: 1 }],
  [
    "a step that is not the one asked for",
    counting([1, 1], { advance: async (state) => state }),
    mask,
    { code: "E_TRAINER" },
  ],
  [
    "a masked weight that comes back",
    counting([1, 1]),
    { w: tensor([[true, false]]) } as Mask,
    { code: "E_MASK", tensor: "w", index: 1 },
  ],
])("refuses %s", async (_, trainer, own, error) => {
  await expect(trainRun(trainer, start, own, { dataSeed: 0, evalEvery: 1 })).rejects.toMatchObject(error);
});

test.each([{ evalEvery: 0 }, { evalEvery: 2, testEvery: 3 }, { toStep: -1 }, { toStep: 0.5 }])(
  "refuses the grid %o",
  async (grid) => {
    await expect(trainRun(counting([1, 1]), start, mask, { dataSeed: 0, ...grid })).rejects.toMatchObject({
      code: "E_OPTION",
    });
  },
);

test("what the mask removes is +0 from the start, for the first look too", async () => {
  const own: Mask = { w: tensor([[true, false]]) };
  const seen: unknown[] = [];
  const masked = counting([1, 2], {
    evaluate: async ({ w }) => ({ loss: seen.push(w?.toArray()) }),
    advance: async (state, _mask, step) => ({ ...state, step }),
  });
  const run = await trainRun(masked, start, own, { dataSeed: 0, evalEvery: 1 });
  expect(seen[0]).toEqual([[1, 0]]);
  expect(run.state.params["w"]?.toArray()).toEqual([[1, 0]]);
  expect(start.params.w.toArray()).toEqual([[1, 2]]);
  const other = { v: tensor([true]) };
  await expect(trainRun(masked, start, other, { dataSeed: 0 })).rejects.toMatchObject({ code: "E_MASK", tensor: "v" });
});

test("an aborted run stops between two looks", async () => {
  const controller = new AbortController();
  const run = trainRun(counting([3, 2, 1]), start, mask, {
    dataSeed: 0,
    evalEvery: 1,
    signal: controller.signal,
    onCheckpoint: () => controller.abort(new Error("enough")),
  });
  await expect(run).rejects.toThrow("enough");
});
