import { tensor } from "@parsimony/core-tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Metrics,
  type Named,
  type Trainer,
  dataSeedOf,
  instability,
  linearConnectivity,
  onesMask,
  pruneByMagnitude,
} from "../../src/index.ts";
import { altered, levelsOf, rejection } from "./helpers.ts";
import { tinyTrainer } from "./tinyTrainer.ts";

const trainer = tinyTrainer({ steps: 12, batch: 4, rate: 0.3, drawn: true });
/** A loss of one weight. */
const lossOf = (loss: (w: number) => number): Pick<Trainer, "evaluate"> => ({
  evaluate: async (params): Promise<Metrics> => ({ loss: loss(params["w"]?.dataSync()[0] as number) }),
});
const at = (...w: number[]): Named => ({ w: tensor(w, { dtype: "float64" }) });
const error = ({ loss }: Metrics): number => loss;

describe("linear connectivity", () => {
  test("two valleys: barrier 1 in the middle", async () => {
    const line = await linearConnectivity(
      lossOf((w) => (w * w - 1) ** 2),
      at(-1),
      at(1),
      { points: 31, error },
    );
    const { loss, barrier, stable } = line.parts.test as NonNullable<typeof line.parts.test>;
    expect(barrier).toEqual({ loss: 1, error: 1 });
    expect(line.alphas[loss.indexOf(1)]).toBe(0.5);
    expect([stable, line.stable]).toEqual([false, false]);
  });

  test("30 points with both ends by default, on training and test data", async () => {
    const line = await linearConnectivity(
      lossOf((w) => w),
      at(3),
      at(5),
      { error },
    );
    expect([line.alphas.length, line.alphas[0], line.alphas[29]]).toEqual([30, 0, 1]);
    expect(Object.keys(line.parts)).toEqual(["train", "test"]);
    const { loss } = line.parts.train as NonNullable<typeof line.parts.train>;
    // alpha is the share of the first net.
    expect([loss[0], loss[29]]).toEqual([5, 3]);
  });

  test("the barrier is at least half of the difference of the ends, and at most that where the loss is convex", async () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    await fc.assert(
      fc.asyncProperty(number, number, fc.integer({ min: 2, max: 12 }), async (a, b, points) => {
        for (const loss of [(w: number) => w * w, (w: number) => Math.sin(3 * w) + 1]) {
          const line = await linearConnectivity(lossOf(loss), at(a), at(b), { points, parts: ["train"], error });
          const half = Math.abs(loss(a) - loss(b)) / 2;
          const barrier = line.parts.train?.barrier.loss as number;
          expect(barrier).toBeGreaterThanOrEqual(half - 1e-12);
          if (loss(1) === 1) expect(barrier).toBeLessThanOrEqual(half + 1e-12);
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test("equal nets have no barrier", async () => {
    const params = await trainer.init(1);
    const line = await linearConnectivity(trainer, params, params);
    expect(line.parts.test?.barrier).toEqual({ loss: 0, error: 0 });
    expect(line.stable).toBe(true);
  });

  test("swapping the nets swaps the curve, to the bit", async () => {
    const [a, b] = [await trainer.init(1), await trainer.init(2)];
    const there = await linearConnectivity(trainer, a, b, { points: 7 });
    const back = await linearConnectivity(trainer, b, a, { points: 7 });
    expect(there.parts.test?.loss.toReversed()).toEqual(back.parts.test?.loss);
    expect(there.parts.train?.error.toReversed()).toEqual(back.parts.train?.error);
  });

  test("statistics can be calibrated at every point", async () => {
    const seen: number[] = [];
    const line = await linearConnectivity(
      lossOf((w) => w),
      at(0),
      at(1),
      {
        points: 3,
        error,
        recalibrate: (params, alpha) => {
          seen.push(alpha);
          return at((params["w"]?.dataSync()[0] as number) + 10);
        },
      },
    );
    expect(seen).toEqual([0, 0.5, 1]);
    expect(line.parts.test?.loss).toEqual([11, 10.5, 10]);
  });

  test("a float32 net stays one", async () => {
    const dtypes = new Set<string>();
    const watching: Pick<Trainer, "evaluate"> = {
      evaluate: async (params) => {
        dtypes.add(params["w"]?.dtype as string);
        return { loss: 0, accuracy: 1 };
      },
    };
    await linearConnectivity(watching, { w: tensor([1]) }, { w: tensor([2]) });
    expect([...dtypes]).toEqual(["float32"]);
  });

  test("what is no float is passed on while it is equal", async () => {
    const counted = (n: number): Named => ({ w: tensor([n]), count: tensor([7, n > 2 ? 8 : 7], { dtype: "int32" }) });
    const seen: Named[] = [];
    const watching: Pick<Trainer, "evaluate"> = {
      evaluate: async (params) => {
        seen.push(params);
        return { loss: 0, accuracy: 1 };
      },
    };
    await linearConnectivity(watching, counted(1), counted(2), { points: 3, parts: ["test"] });
    expect(seen[1]?.["w"]?.item()).toBe(1.5);
    expect(seen[1]?.["count"]?.toArray()).toEqual([7, 7]);
    const differing = await rejection(linearConnectivity(watching, counted(1), counted(3)));
    expect([differing.code, differing.tensor]).toEqual(["E_PARAMETERS", "count"]);
  });

  test("what is refused", async () => {
    const refused = async (action: Promise<unknown>): Promise<string> => {
      const { code, message } = await rejection(action);
      return `${code} ${message}`;
    };
    const flat = lossOf(() => 1);
    expect(await refused(linearConnectivity(flat, at(1), at(2), { points: 1, error }))).toMatch(/^E_OPTION .*points/);
    expect(await refused(linearConnectivity(flat, at(1), at(2)))).toMatch(/^E_TRAINER .*accuracy/);
    expect(await refused(linearConnectivity(flat, at(1), at(1, 2), { error }))).toMatch(/^E_PARAMETERS .*w /);
    expect(await refused(linearConnectivity(flat, at(1), {}, { error }))).toMatch(/^E_PARAMETERS .*first net only/);
    expect(await refused(linearConnectivity(flat, {}, at(1), { error }))).toMatch(/^E_PARAMETERS .*second net only/);
    const broken = lossOf(() => Number.NaN);
    expect(await refused(linearConnectivity(broken, at(1), at(2), { error }))).toMatch(/^E_NON_FINITE .*alpha 0/);
    const bad = instability(trainer, { from: { seed: 1, step: 0 }, dataSeeds: [4, 4] });
    expect(await refused(bad)).toMatch(/^E_OPTION .*both data seeds are 4/);
    const late = instability(trainer, { from: { seed: 1, step: 13 }, dataSeeds: [4, 5] });
    expect(await refused(late)).toMatch(/^E_OPTION .*toStep/);
  });
});

describe("instability", () => {
  test("trains twice from one state and looks at the line", async () => {
    const found = await instability(trainer, { from: { seed: 1, step: 4 }, dataSeeds: [8, 9], points: 5 });
    const start = await trainer.advance(await trainer.begin(await trainer.init(1)), {}, 4, dataSeedOf(1, 0));
    const ends = [await trainer.advance(start, {}, 12, 8), await trainer.advance(start, {}, 12, 9)] as const;
    expect(found.ends).toEqual(ends);
    const line = await linearConnectivity(trainer, ends[0].params, ends[1].params, { points: 5 });
    expect({ alphas: found.alphas, parts: found.parts, stable: found.stable }).toEqual(line);
    expect(await instability(trainer, { from: start, dataSeeds: [8, 9], points: 5 })).toEqual(found);
  });

  test("of full batches there is none", async () => {
    const found = await instability(tinyTrainer({ steps: 6 }), { from: { seed: 1, step: 0 }, dataSeeds: [8, 9] });
    expect(found.parts.train?.barrier).toEqual({ loss: 0, error: 0 });
  });

  test("of a level: the mask holds at both ends and between them", async () => {
    const levels = await levelsOf(trainer, { rounds: 2, seed: 1, rate: 0.3, evalEvery: 6, rewindTo: { step: 4 } });
    const { mask, state } = (levels[2] as (typeof levels)[number]).ticket;
    const seen: Named[] = [];
    const watching = altered(trainer, {
      evaluate: (params, part) => {
        seen.push(params);
        return trainer.evaluate(params, part);
      },
    });
    await instability(watching, { from: state, mask, dataSeeds: [8, 9], points: 4, parts: ["test"] });
    expect(seen.length).toBe(4);
    for (const params of seen) {
      const kept = mask["W1"]?.dataSync() as Uint8Array;
      const values = params["W1"]?.dataSync() as Float64Array;
      values.forEach((value, i) => kept[i] === 0 && expect(value).toBe(0));
    }
  });

  test("a trainer that brings masked weights back is refused", async () => {
    const leaking = altered(trainer, { advance: (state, _mask, step, seed) => trainer.advance(state, {}, step, seed) });
    const initial = await trainer.init(1);
    const mask = pruneByMagnitude(initial, onesMask(initial), { rate: 0.5 });
    const found = await rejection(instability(leaking, { from: { seed: 1, step: 0 }, mask, dataSeeds: [1, 2] }));
    expect(found.code).toBe("E_MASK");
    const { W1, ...rest } = initial;
    const nan = { ...rest, W1: tensor(new Float64Array(12).fill(Number.NaN), { shape: W1?.shape ?? [] }) };
    const diverging = altered(trainer, { advance: async (state, _mask, step) => ({ ...state, params: nan, step }) });
    const diverged = await rejection(instability(diverging, { from: { seed: 1, step: 0 }, mask, dataSeeds: [1, 2] }));
    expect(diverged.code).toBe("E_NON_FINITE");
  });
});
