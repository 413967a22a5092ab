import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import {
  type Control,
  type ControlContext,
  type FindTicketsOptions,
  type Mask,
  type Named,
  applyMask,
  controlStart,
  density,
  drawSeedOf,
  onesMask,
  pruneByMagnitude,
  trainRun,
} from "../../src/index.ts";
import { bitsOf, levelsOf, rejection } from "./helpers.ts";
import { tinyTrainer } from "./tinyTrainer.ts";

const trainer = tinyTrainer({ steps: 12, batch: 4, momentum: 0.9, rate: 0.1, drawn: true });
const options: FindTicketsOptions = { rounds: 3, seed: 5, rate: 0.25, evalEvery: 6, rewindTo: { step: 4 } };

async function contextAt(density: number): Promise<ControlContext> {
  const initial = await trainer.init(5);
  const mask = pruneByMagnitude(initial, onesMask(initial), { density });
  const rewound = await trainer.advance(await trainer.begin(initial), onesMask(initial), 4, 1);
  return { trainer, level: 2, mask, rewound, seed: 77 };
}

const numbers = (params: Named, name: string): number[] => [
  ...((params[name] as HostTensor).dataSync() as Float64Array),
];
const counts = (mask: Mask): number[] => Object.values(density(mask).tensors).map(({ kept }) => kept);

describe("what controls start from", () => {
  test("reinit: the ticket's mask over fresh weights, at step 0", async () => {
    const context = await contextAt(0.5);
    const { mask, state } = await controlStart({ kind: "reinit" }, context);
    expect(mask).toEqual(context.mask);
    expect(state).toEqual(await trainer.begin(await trainer.init(77)));
    expect(state.step).toBe(0);
  });

  test("randomMask: as many survivors, other places, the rewound state", async () => {
    const context = await contextAt(0.5);
    const layer = await controlStart({ kind: "randomMask" }, context);
    expect(counts(layer.mask)).toEqual(counts(context.mask));
    expect(layer.mask).not.toEqual(context.mask);
    expect(layer.state).toEqual(context.rewound);
    const uneven = { ...context, mask: pruneByMagnitude(context.rewound.params, context.mask, { rate: { W1: 0.7 } }) };
    const whole = await controlStart({ kind: "randomMask", scope: "global" }, uneven);
    expect(density(whole.mask).kept).toBe(density(uneven.mask).kept);
    const even = await controlStart({ kind: "randomMask", scope: "even" }, uneven);
    expect(counts(even.mask)).toEqual([4, 2]);
  });

  test("randomBoth: a random mask over fresh weights", async () => {
    const context = await contextAt(0.5);
    const { mask, state } = await controlStart({ kind: "randomBoth" }, context);
    expect(counts(mask)).toEqual(counts(context.mask));
    expect(mask).not.toEqual(context.mask);
    expect(state).toEqual(await trainer.begin(await trainer.init(77)));
  });

  test("resample: surviving weights of the tensor, drawn again", async () => {
    const context = await contextAt(0.5);
    const { mask, state } = await controlStart({ kind: "resample" }, context);
    expect(mask).toEqual(context.mask);
    expect([state.step, state.optimizer]).toEqual([4, context.rewound.optimizer]);
    for (const name of ["W1", "W2"]) {
      const kept = bitsOf(mask, name);
      const pool = numbers(context.rewound.params, name).filter((_, i) => kept[i] === "1");
      const drawn = numbers(state.params, name).filter((_, i) => kept[i] === "1");
      for (const value of drawn) expect(pool).toContain(value);
      expect(drawn).not.toEqual(pool);
    }
    expect(state.params["b1"]).toEqual(context.rewound.params["b1"]);
  });

  test("resample with signs kept: magnitudes of the tensor's survivors, signs of the place", async () => {
    const context = await contextAt(0.5);
    const { state } = await controlStart({ kind: "resample", keepSigns: true }, context);
    const kept = bitsOf(context.mask, "W1");
    const before = numbers(context.rewound.params, "W1");
    const pool = before.filter((_, i) => kept[i] === "1").map(Math.abs);
    numbers(state.params, "W1").forEach((value, i) => {
      if (kept[i] === "0") return;
      expect(Math.sign(value)).toBe(Math.sign(before[i] as number));
      expect(pool).toContain(Math.abs(value));
    });
  });

  test("resample reaches every survivor", async () => {
    const context = await contextAt(0.5);
    const seen = new Set<number>();
    for (let seed = 0; seed < 30; seed++) {
      const { state } = await controlStart({ kind: "resample" }, { ...context, seed });
      numbers(state.params, "W2").forEach((value, i) => bitsOf(context.mask, "W2")[i] === "1" && seen.add(value));
    }
    expect(seen.size).toBe(4);
  });
});

describe("controls of an experiment", () => {
  const all: readonly Control[] = [
    { kind: "reinit", trials: 2 },
    { kind: "randomMask", levels: [2, 3] },
    { kind: "randomMask", scope: "global", levels: [3] },
    { kind: "randomBoth", levels: [3], name: "both" },
    { kind: "resample", keepSigns: true, levels: [3] },
    { kind: "custom", name: "dense", levels: [1], start: ({ rewound }) => ({ mask: {}, state: rewound }) },
  ];

  test("are run where and as often as asked, each with a seed of its own", async () => {
    const levels = await levelsOf(trainer, { ...options, controls: all });
    expect(levels.map(({ controls }) => controls.map(({ control, trial }) => `${control} ${trial}`))).toEqual([
      [],
      ["reinit 0", "reinit 1", "dense 0"],
      ["reinit 0", "reinit 1", "randomMask 0"],
      ["reinit 0", "reinit 1", "randomMask 0", "randomMask-global 0", "both 0", "resample-signed 0"],
    ]);
    const seeds = levels.flatMap(({ controls }) => controls.map(({ seed }) => seed));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(levels[2]?.controls[1]?.seed).toBe(drawSeedOf(5, 2, 1, 1));
    for (const { density: own, controls } of levels) {
      for (const each of controls) {
        if (each.control === "dense") expect(each.density).toEqual(levels[0]?.density);
        else expect(each.density.kept).toBe(own.kept);
      }
    }
  });

  test("train with the ticket's order of the data: fresh weights from step 0, others from step k", async () => {
    const levels = await levelsOf(trainer, { ...options, controls: all });
    const { controls, mask, dataSeed } = levels[3] as (typeof levels)[number];
    const fresh = await trainer.begin(applyMask(await trainer.init(controls[0]?.seed as number), mask));
    const run = await trainRun(trainer, fresh, mask, { dataSeed, evalEvery: 6 });
    expect(controls[0]?.final).toEqual(run.final);
    expect(controls[0]?.curve).toEqual(run.curve);
    expect(controls.map(({ curve }) => curve[0]?.step)).toEqual([0, 0, 4, 4, 0, 4]);
    expect(controls.every(({ final }) => final.step === 12)).toBe(true);
  });

  test("change nothing about the tickets, nor do later ones about earlier ones", async () => {
    const without = await levelsOf(trainer, options);
    const levels = await levelsOf(trainer, { ...options, controls: all });
    expect(levels.map(({ controls: _, ...rest }) => rest)).toEqual(without.map(({ controls: _, ...rest }) => rest));
    const first = await levelsOf(trainer, { ...options, controls: all.slice(0, 1) });
    expect(first[2]?.controls).toEqual(levels[2]?.controls.slice(0, 2));
  });

  test("a control of the dense net at the level is the dense net in another order of the data", async () => {
    const levels = await levelsOf(trainer, { ...options, controls: all, dataOrder: "same" });
    expect(levels[1]?.controls.at(-1)?.final).toEqual(levels[0]?.final);
  });

  test("a custom start that keeps what its mask removes is masked first", async () => {
    const mask = { W1: onesMask({ W1: (await trainer.init(5))["W1"] })["W1"] as HostTensor };
    const half = pruneByMagnitude(await trainer.init(5), mask, { rate: 0.5 });
    const start: Control = { kind: "custom", name: "own", start: ({ rewound }) => ({ mask: half, state: rewound }) };
    const levels = await levelsOf(trainer, { ...options, rounds: 1, controls: [start] });
    // Half of W1, and all of W2, which the mask does not name.
    expect(levels[1]?.controls[0]?.density).toMatchObject({ kept: 6 + 8, size: 20, tensors: { W2: { density: 1 } } });
    const more: Control = {
      kind: "custom",
      name: "more",
      start: ({ mask: own, rewound }) => ({
        mask: { ...own, b1: tensor([true, false, true, true]) },
        state: rewound,
      }),
    };
    const [, level] = await levelsOf(trainer, { ...options, rounds: 1, controls: [more] });
    expect(level?.controls[0]?.density.tensors["b1"]).toEqual({ kept: 3, size: 4, density: 0.75 });
  });

  test("an error in a control keeps its cause", async () => {
    const start: Control = {
      kind: "custom",
      name: "own",
      start: ({ rewound }) => ({ mask: { W9: rewound.params["W1"] as HostTensor }, state: rewound }),
    };
    const error = await rejection(levelsOf(trainer, { ...options, controls: [start] }));
    expect(error.code).toBe("E_MASK");
  });
});
