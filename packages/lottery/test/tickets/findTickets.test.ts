import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import {
  type FindTicketsOptions,
  type Mask,
  type TicketProgress,
  type TrainState,
  type Trainer,
  applyMask,
  dataSeedOf,
  density,
  findTickets,
  isSubmask,
  onesMask,
  pruneByMagnitude,
  trainRun,
} from "../../src/index.ts";
import { altered, bitsOf, levelsOf, rejection, runAll } from "./helpers.ts";
import { tinyTrainer } from "./tinyTrainer.ts";

const rates = { W1: 0.25, W2: 0.125 };
const golden: FindTicketsOptions = { rounds: 4, seed: 1, rate: rates, evalEvery: 10 };
/** A trainer on which seeds, steps and the optimiser's state all make a difference. */
const noisy = tinyTrainer({ steps: 24, batch: 4, momentum: 0.9, rate: 0.1, dropAt: 16, drawn: true });
const noisyOptions: FindTicketsOptions = { rounds: 3, seed: 5, rate: 0.25, evalEvery: 4 };

const values = (state: { readonly params: TrainState["params"] }, name: string): number[] => [
  ...((state.params[name] as HostTensor).dataSync() as Float64Array),
];

describe("the tiny experiment that was computed by hand", () => {
  const expected = [
    [0.193203730738, "111111111111", "11111111"],
    [0.107807908213, "011111101011", "11110111"],
    [0.106657319145, "010111001011", "11110110"],
    [0.108004090944, "010110000011", "11110100"],
    [0.130323415878, "010110000010", "10110100"],
  ] as const;

  test("losses and masks of all levels", async () => {
    const levels = await levelsOf(tinyTrainer(), { ...golden, keep: "all" });
    expect(levels.length).toBe(5);
    for (const [level, [loss, first, second]] of expected.entries()) {
      const result = levels[level] as (typeof levels)[number];
      expect(result.final.validation.loss).toBeCloseTo(loss, 11);
      expect([bitsOf(result.mask, "W1"), bitsOf(result.mask, "W2")]).toEqual([first, second]);
    }
    expect(levels[0]?.curve[0]?.validation.loss).toBe(0.9223264090709817);
    const { trained } = levels[0] as { readonly trained: TrainState["params"] };
    const at = (name: string): number[] => values({ params: trained }, name).map((value) => Number(value.toFixed(10)));
    expect(at("W2")).toEqual([
      0.5941848492, -0.5330336921, -1.006265074, 1.6188985351, -0.2962343277, -0.5658047368, 1.0474784427,
      -0.5331792328,
    ]);
    expect(at("b1")).toEqual([-0.0305716279, 0.9982842818, -0.1314429638, -0.1568616569]);
    expect(
      values({ params: trained }, "b2")
        .map(Math.abs)
        .map((value) => value.toFixed(10)),
    ).toEqual(Array(2).fill("0.1112544143"));
  });

  test("the weight that no path leads on from never moves, and stays", async () => {
    const levels = await levelsOf(tinyTrainer(), { ...golden, keep: "all" });
    for (const level of [3, 4]) {
      expect(values({ params: levels[level]?.trained as TrainState["params"] }, "W1")[3]).toBeCloseTo(
        -0.6811222458,
        10,
      );
      expect(bitsOf(levels[level]?.mask as Mask, "W1")[3]).toBe("1");
    }
  });

  test("a rate for the output layer is the same as rates by name", async () => {
    const named = await levelsOf(tinyTrainer(), { ...golden, rate: 0.25, outputLayer: "W2" });
    expect(named.map(({ final }) => final)).toEqual((await levelsOf(tinyTrainer(), golden)).map(({ final }) => final));
  });

  test("one-shot pruning is one round", async () => {
    const levels = await levelsOf(tinyTrainer(), { ...golden, rounds: 1, rate: 0.5 });
    expect(levels.map((level) => level.density.kept)).toEqual([20, 10]);
  });
});

describe("resetting and rewinding", () => {
  test("surviving weights are those of step k to the bit, the others +0; masks are nested", async () => {
    for (const step of [0, 7]) {
      const { report } = await runAll(noisy, { ...noisyOptions, rewindTo: { step } });
      expect(report.rewindStep).toBe(step);
      expect(report.rewound.step).toBe(step);
      for (const [level, { ticket, mask }] of report.levels.entries()) {
        expect(ticket.state.step).toBe(step);
        for (const name of ["W1", "W2"]) {
          const kept = bitsOf(mask, name);
          const origin = values(report.rewound, name);
          values(ticket.state, name).forEach((value, i) => expect(value).toBe(kept[i] === "1" ? origin[i] : 0));
          values({ params: { [name]: ticket.state.optimizer[`momentum.${name}`] as HostTensor } }, name).forEach(
            (value, i) => kept[i] === "0" && expect(value).toBe(0),
          );
        }
        if (level > 0) expect(isSubmask(mask, report.levels[level - 1]?.mask as Mask)).toBe(true);
      }
    }
  });

  test("the optimiser's state of step k is restored too", async () => {
    const { report } = await runAll(noisy, { ...noisyOptions, rewindTo: { step: 7 } });
    const velocity = report.rewound.optimizer["momentum.b1"]?.dataSync();
    expect([...(velocity as Float64Array)].some((value) => value !== 0)).toBe(true);
    expect(report.levels[2]?.ticket.state.optimizer["momentum.b1"]?.dataSync()).toEqual(velocity);
  });

  test("k = 0 is a reset: a fresh optimiser and the initial weights, to the bit", async () => {
    const levels = await levelsOf(noisy, { ...noisyOptions, rewindTo: { fraction: 0 } });
    // Algorithm A written out.
    const initial = await noisy.init(5);
    let mask = onesMask(initial);
    for (const [level, result] of levels.entries()) {
      const start = await noisy.begin(applyMask(initial, mask));
      const run = await trainRun(noisy, start, mask, { dataSeed: dataSeedOf(5, level), evalEvery: 4 });
      const { state, ...shown } = run;
      expect({ curve: result.curve, earlyStop: result.earlyStop, final: result.final }).toEqual(shown);
      mask = pruneByMagnitude(state.params, mask, { rate: 0.25 });
    }
  });

  test("level 0 is plain training, whether it stops at step k or not", async () => {
    const initial = await noisy.init(5);
    const plain = await trainRun(noisy, await noisy.begin(initial), {}, { dataSeed: dataSeedOf(5, 0), evalEvery: 4 });
    for (const step of [0, 8, 7]) {
      const [dense] = await levelsOf(noisy, { ...noisyOptions, rounds: 1, rewindTo: { step } });
      expect(dense?.final).toEqual(plain.final);
      expect(dense?.curve.filter((point) => point.step % 4 === 0)).toEqual(plain.curve);
      expect(dense?.curve.some((point) => point.step === step)).toBe(true);
    }
  });

  test("a fraction is rounded to the nearest step", async () => {
    const { report } = await runAll(noisy, { ...noisyOptions, rounds: 1, rewindTo: { fraction: 0.3 } });
    expect(report.rewindStep).toBe(7);
    expect(report.levels[1]?.curve[0]?.step).toBe(7);
  });

  test("rewinding the learning rate keeps the trained weights and restarts the schedule at k", async () => {
    const { report } = await runAll(noisy, {
      ...noisyOptions,
      rewind: "learningRate",
      rewindTo: { step: 8 },
      keep: "all",
    });
    const { levels } = report;
    for (const level of [1, 2, 3]) {
      const { ticket, curve, final } = levels[level] as (typeof levels)[number];
      const before = levels[level - 1]?.trained as TrainState["params"];
      expect(ticket.state.params).toEqual(applyMask(before, ticket.mask));
      expect(ticket.state.optimizer["momentum.b2"]).toEqual(report.rewound.optimizer["momentum.b2"]);
      expect([curve[0]?.step, final.step]).toEqual([8, 24]);
    }
  });

  test("without rewinding the trained state goes on at the last rate for T - k steps", async () => {
    const { report } = await runAll(noisy, { ...noisyOptions, rewind: "none", rewindTo: { step: 8 }, keep: "all" });
    const steps = report.levels.map(({ curve, final }) => [curve[0]?.step, final.step]);
    expect(steps).toEqual([
      [0, 24],
      [24, 40],
      [40, 56],
      [56, 72],
    ]);
    const { ticket } = report.levels[1] as (typeof report.levels)[number];
    expect(ticket.state.params).toEqual(applyMask(report.levels[0]?.trained as TrainState["params"], ticket.mask));
    expect(values({ params: { x: ticket.state.optimizer["momentum.b2"] as HostTensor } }, "x")).not.toEqual([0, 0]);
  });

  test("continued training prunes one net that goes on, and tries its masks on the rewound weights", async () => {
    const levels = await levelsOf(noisy, { ...noisyOptions, strategy: "continue", rewindTo: { step: 8 } });
    // Algorithm B written out.
    const initial = await noisy.init(5);
    let mask = onesMask(initial);
    const rewound = await noisy.advance(await noisy.begin(initial), mask, 8, dataSeedOf(5, 0));
    let state = await noisy.advance(rewound, mask, 24, dataSeedOf(5, 0));
    for (let level = 1; level <= 3; level++) {
      mask = pruneByMagnitude(state.params, mask, { rate: 0.25 });
      expect(levels[level]?.mask).toEqual(mask);
      const ticket = await trainRun(noisy, { ...rewound, params: applyMask(rewound.params, mask) }, mask, {
        dataSeed: dataSeedOf(5, level),
        evalEvery: 4,
      });
      expect(levels[level]?.final).toEqual(ticket.final);
      state = await noisy.advance(state, mask, 24 + 16 * level, dataSeedOf(5, level));
    }
  });

  test("at each level the early stop is the first minimum of the curve", async () => {
    for (const { curve, earlyStop } of await levelsOf(noisy, noisyOptions)) {
      const losses = curve.map(({ validation }) => validation.loss);
      expect(earlyStop.step).toBe(curve[losses.indexOf(Math.min(...losses))]?.step);
    }
  });
});

describe("seeds, data and looks", () => {
  test("equal seeds give equal experiments, other seeds others", async () => {
    const once = await levelsOf(noisy, noisyOptions);
    expect(await levelsOf(noisy, noisyOptions)).toEqual(once);
    expect((await levelsOf(noisy, { ...noisyOptions, seed: 6 }))[1]?.final).not.toEqual(once[1]?.final);
  });

  test("the order of the data is fresh at each level, or the same", async () => {
    const seeds = async (dataOrder: "fresh" | "same"): Promise<number[]> =>
      (await levelsOf(noisy, { ...noisyOptions, dataOrder })).map(({ dataSeed }) => dataSeed);
    expect(await seeds("fresh")).toEqual([0, 1, 2, 3].map((level) => dataSeedOf(5, level)));
    expect(await seeds("same")).toEqual(Array(4).fill(dataSeedOf(5, 0)));
  });

  test("progress is told after every look", async () => {
    const seen: TicketProgress[] = [];
    const controls = [{ kind: "reinit", trials: 2 }] as const;
    await runAll(noisy, { ...noisyOptions, rounds: 1, controls, onProgress: (each) => seen.push(each) });
    expect(seen.length).toBe(4 * 6);
    expect(seen.at(-1)).toMatchObject({ level: 1, run: "control", control: "reinit", trial: 1, step: 24, toStep: 24 });
    // The stop at step k, where the state is saved, is no end.
    const ends: number[] = [];
    const onProgress = ({ toStep }: TicketProgress): number => ends.push(toStep);
    await findTickets(noisy, { ...noisyOptions, rewindTo: { step: 4 }, onProgress }).next();
    expect(ends).toEqual(Array(6).fill(24));
  });

  test("the test set is looked at on a grid when asked", async () => {
    const [dense] = await levelsOf(noisy, { ...noisyOptions, rounds: 1, testEvery: 8 });
    expect(dense?.curve.filter((point) => point.test !== undefined).map(({ step }) => step)).toEqual([0, 8, 16, 24]);
  });

  test("trained weights are kept as asked", async () => {
    const kept = async (keep: "all" | "last" | "none"): Promise<boolean[]> =>
      (await levelsOf(noisy, { ...noisyOptions, keep })).map(({ trained }) => trained !== undefined);
    expect(await kept("all")).toEqual([true, true, true, true]);
    expect(await kept("last")).toEqual([false, false, false, true]);
    expect(await kept("none")).toEqual([false, false, false, false]);
  });

  test("nothing is computed before it is asked for", async () => {
    let steps = 0;
    const counting = altered(noisy, {
      advance: (state, mask, toStep, seed) => {
        steps += toStep - state.step;
        return noisy.advance(state, mask, toStep, seed);
      },
    });
    const experiment = findTickets(counting, noisyOptions);
    expect(steps).toBe(0);
    await experiment.next();
    expect(steps).toBe(24);
    await experiment.return(undefined as never);
    expect(steps).toBe(24);
  });
});

describe("criteria", () => {
  test("any function from trained weights and mask to a mask", async () => {
    const calls: number[] = [];
    const initial = await noisy.init(5);
    const levels = await levelsOf(noisy, {
      rounds: 2,
      seed: 5,
      evalEvery: 8,
      // Weights that moved least go.
      prune: (trained, mask, level, context) => {
        calls.push(level);
        expect(context.initial).toEqual(initial);
        const moved = Object.fromEntries(
          Object.keys(mask).map((name) => {
            const from = context.initial[name]?.dataSync() as Float64Array;
            const to = trained[name]?.dataSync() as Float64Array;
            const shape = trained[name]?.shape as number[];
            return [
              name,
              tensor(
                to.map((value, i) => value - (from[i] as number)),
                { shape, dtype: "float64" },
              ),
            ];
          }),
        );
        return pruneByMagnitude(moved, mask, { rate: 0.5 });
      },
    });
    expect(calls).toEqual([0, 1]);
    expect(levels.map(({ density: { kept } }) => kept)).toEqual([20, 10, 5]);
  });

  test("the first mask may be one's own", async () => {
    const mask = pruneByMagnitude(await noisy.init(5), onesMask(await noisy.init(5)), { rate: 0.5 });
    const levels = await levelsOf(noisy, { ...noisyOptions, rounds: 1, mask });
    expect(levels.map((level) => level.density.kept)).toEqual([10, density(mask).kept - 5 + 2]);
  });

  test("tensors that are not prunable are left alone", async () => {
    const levels = await levelsOf(noisy, { ...noisyOptions, prunable: (name) => name === "W1" });
    expect(Object.keys(levels[3]?.mask as Mask)).toEqual(["W1"]);
  });
});

describe("what is refused", () => {
  const refused = async (options: Partial<FindTicketsOptions>, trainer: Trainer = noisy): Promise<string> => {
    const { code, message } = await rejection(findTickets(trainer, { ...noisyOptions, ...options }).next());
    return `${code} ${message}`;
  };

  test("options outside their domains, before anything is trained", async () => {
    const untrained = altered(noisy, { advance: () => Promise.reject(new Error("it trains")) });
    const cases: [Partial<FindTicketsOptions>, RegExp][] = [
      [{ rounds: 0 }, /^E_OPTION findTickets: rounds must be a whole number >= 1, got 0/],
      [{ rounds: 1.5 }, /^E_OPTION .*rounds/],
      [{ seed: 0.5 }, /^E_OPTION|seed/],
      [{ rate: 1.5 }, /^E_RATE/],
      [{ rate: Number.NaN }, /^E_RATE/],
      [{ rate: 1 }, /^E_EMPTY/],
      [{ rate: 0.5, rounds: 4 }, /^E_EMPTY .*W1 would lose its last weight at level 4/],
      [{ rate: { W1: 0.9 }, rounds: 9 }, /^E_EMPTY .*W1 .* at level 2/],
      [{ rate: { W3: 0.1 } }, /^E_OPTION .*W3/],
      [{ outputLayer: "out" }, /^E_OPTION .*out/],
      [{ scope: "net" as "layer" }, /^E_OPTION .*scope/],
      [{ strategy: "b" as "reset" }, /^E_OPTION .*strategy/],
      [{ rewind: "lr" as "none" }, /^E_OPTION .*rewind/],
      [{ strategy: "continue", rewind: "none" }, /^E_OPTION .*continue/],
      [{ rewindTo: { step: 24 } }, /^E_OPTION .*step 24 is not below the 24 steps/],
      [{ rewindTo: { step: -1 } }, /^E_OPTION .*rewindTo.step/],
      [{ rewindTo: { fraction: 1 } }, /^E_OPTION .*fraction/],
      [{ rewindTo: { fraction: 0.99 } }, /^E_OPTION .*not below/],
      [{ dataOrder: "new" as "same" }, /^E_OPTION .*dataOrder/],
      [{ keep: "some" as "all" }, /^E_OPTION .*keep/],
      [{ evalEvery: 0 }, /^E_OPTION .*evalEvery/],
      [{ testEvery: 5 }, /^E_OPTION .*testEvery/],
      [{ checkpointEvery: 0 }, /^E_OPTION .*checkpointEvery/],
      [{ prune: (_, mask) => mask }, /^E_OPTION .*rate are not used with prune/],
      [{ controls: [{ kind: "dense" as "reinit" }] }, /^E_OPTION .*kind/],
      [{ controls: [{ kind: "reinit", trials: 0 }] }, /^E_OPTION .*trials of reinit/],
      [{ controls: [{ kind: "reinit", levels: [4] }] }, /^E_OPTION .*no level 4/],
      [{ controls: [{ kind: "reinit" }, { kind: "reinit" }] }, /^E_OPTION .*two controls are called reinit/],
      [{ prunable: () => false }, /^E_EMPTY/],
      [{ mask: {} }, /^E_EMPTY/],
      [{ mask: { W1: tensor([[true]]) } }, /^E_MASK .*W1/],
    ];
    for (const [options, message] of cases) expect(await refused(options, untrained)).toMatch(message);
  });

  test("a criterion that brings weights back, or tensors, or empties one", async () => {
    const custom = { rate: undefined as never };
    const after = async (prune: (mask: Mask, level: number) => Mask): Promise<string> => {
      const { rate: _, ...options } = { ...noisyOptions, ...custom };
      const error = await rejection(
        runAll(noisy, { ...options, prune: (_trained, mask, level) => prune(mask, level) }),
      );
      return `${error.code} ${error.tensor} ${error.index}`;
    };
    const full = onesMask(await noisy.init(1));
    const without = (bits: number[]): Mask => ({
      ...full,
      W2: tensor(Uint8Array.from(bits), { shape: [4, 2], dtype: "bool" }),
    });
    const half = without([0, 1, 1, 1, 1, 1, 1, 1]);
    expect(await after((_, level) => (level === 0 ? half : full))).toBe("E_MASK W2 0");
    expect(await after(({ W1 }) => ({ W1: W1 as HostTensor }))).toBe("E_MASK W2 undefined");
    expect(await after((mask) => ({ ...mask, b1: tensor([true, true, true, true]) }))).toBe("E_MASK b1 undefined");
    expect(await after(() => without([0, 0, 0, 0, 0, 0, 0, 0]))).toBe("E_EMPTY W2 undefined");
    expect(await after((mask) => ({ ...mask, W1: tensor([[1]]) }))).toBe("E_MASK W1 undefined");
  });

  test("a loss that is not finite ends the experiment with the levels so far", async () => {
    const breaking = altered(noisy, {
      evaluate: async (params, part) => {
        const pruned = [...((params["W1"] as HostTensor).dataSync() as Float64Array)].includes(0);
        const metrics = await noisy.evaluate(params, part);
        return pruned ? { ...metrics, loss: Number.NaN } : metrics;
      },
    });
    const experiment = findTickets(breaking, noisyOptions);
    expect((await experiment.next()).value).toMatchObject({ level: 0 });
    const error = await rejection(experiment.next());
    expect([error.code, error.step]).toEqual(["E_NON_FINITE", 0]);
  });

  test("a trainer that brings masked weights back", async () => {
    const leaking = altered(noisy, { advance: (state, _mask, toStep, seed) => noisy.advance(state, {}, toStep, seed) });
    const error = await rejection(runAll(leaking, noisyOptions));
    expect(error.code).toBe("E_MASK");
    expect(error.message).toMatch(/\d+ masked weights of W\d are not \+0/);
  });

  test("an aborted signal ends it with the reason", async () => {
    const controller = new AbortController();
    const experiment = findTickets(noisy, { ...noisyOptions, signal: controller.signal });
    await experiment.next();
    controller.abort("enough");
    await expect(experiment.next()).rejects.toBe("enough");
  });
});
