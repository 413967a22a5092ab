import { type HostTensor, random, tensor, fingerprintTree } from "@parsimony/core-tensor";
import fc from "fast-check";
import { type Named, sortedNames } from "../base/parameters.ts";
import { type Mask, assertSparse, bits, onesMask } from "../mask/mask.ts";
import { maskState } from "../train/maskedState.ts";
import type { TrainState, Trainer } from "../train/trainer.ts";

/** Seeds, steps and a mask's density to try a trainer with. */
export interface TrainerCase {
  readonly seed: number;
  readonly dataSeed: number;
  readonly maskSeed: number;
  /** Share of the weights that the mask keeps, in tenths. */
  readonly tenths: number;
  /** Steps of a first and a second stretch of training. */
  readonly steps: readonly [number, number];
}

/** fast-check arbitrary of cases; `maxSteps` (default 4) bounds each of the two stretches. */
export function trainerCases({ maxSteps = 4 }: { readonly maxSteps?: number } = {}): fc.Arbitrary<TrainerCase> {
  const seed = fc.nat(2 ** 31 - 1);
  const stretch = fc.integer({ min: 1, max: maxSteps });
  return fc.record({
    seed,
    dataSeed: seed,
    maskSeed: seed,
    tenths: fc.integer({ min: 0, max: 10 }),
    steps: fc.tuple(stretch, stretch),
  });
}

/** A promise of the trainer's contract. */
export interface TrainerLaw {
  readonly name: string;
  /** Rejects with an Error that says what was seen when the promise does not hold in this case. */
  readonly check: (example: TrainerCase) => Promise<void>;
}

/** What experiments rely on, see `Trainer`. */
export function trainerLaws(trainer: Trainer): readonly TrainerLaw[] {
  const start = async ({ seed }: TrainerCase): Promise<TrainState> => trainer.begin(await trainer.init(seed));
  const maskOf = async ({ seed, maskSeed, tenths }: TrainerCase): Promise<Mask> =>
    randomMask(await trainer.init(seed), maskSeed, tenths);
  const laws: Record<string, (example: TrainerCase) => Promise<void>> = {
    "the description is JSON": async () => {
      const text = JSON.stringify(trainer.description);
      if (text === undefined) throw new Error("the description is undefined");
      same("what JSON gives back", JSON.stringify(JSON.parse(text)), text);
      if (!isPlain(trainer.description)) throw new Error("the description holds something that JSON does not");
    },
    "init is a function of the seed": async ({ seed }) => {
      same("weights", fingerprintTree(await trainer.init(seed)), fingerprintTree(await trainer.init(seed)));
    },
    "begin stands at step 0 with the weights that it was given": async (example) => {
      const params = await trainer.init(example.seed);
      const state = await trainer.begin(params);
      same("step", state.step, 0);
      same("weights", fingerprintTree(sorted(state.params)), fingerprintTree(sorted(params)));
    },
    "the same arguments give the same bits": async (example) => {
      const [mask, state] = [await maskOf(example), await start(example)];
      const train = (): Promise<TrainState> => trainer.advance(state, mask, example.steps[0], example.dataSeed);
      const once = await train();
      same("step", once.step, example.steps[0]);
      same("state", print(once), print(await train()));
    },
    "training in two stretches is training in one": async (example) => {
      const [mask, state] = [await maskOf(example), await start(example)];
      const [first, second] = example.steps;
      const middle = await trainer.advance(state, mask, first, example.dataSeed);
      const parts = await trainer.advance(middle, mask, first + second, example.dataSeed);
      const whole = await trainer.advance(state, mask, first + second, example.dataSeed);
      same("state", print(parts), print(whole));
    },
    "training no step leaves a masked state as it is": async (example) => {
      const mask = await maskOf(example);
      const state = await trainer.advance(await start(example), mask, example.steps[0], example.dataSeed);
      same("state", print(await trainer.advance(state, mask, state.step, example.dataSeed)), print(state));
    },
    "what is masked is +0 after training, whatever went in": async (example) => {
      const mask = await maskOf(example);
      const dirty = soiled(await trainer.advance(await start(example), {}, example.steps[0], example.dataSeed), mask);
      const after = await trainer.advance(dirty, mask, example.steps[0] + example.steps[1], example.dataSeed);
      assertSparse(after.params, mask);
      if (maskState(after, mask) !== after) throw new Error("the optimiser remembers something of masked weights");
    },
    "a mask of ones changes nothing": async (example) => {
      const state = await start(example);
      const masked = await trainer.advance(state, onesMask(state.params), example.steps[0], example.dataSeed);
      same("state", print(masked), print(await trainer.advance(state, {}, example.steps[0], example.dataSeed)));
    },
    "the order of names changes nothing": async (example) => {
      const [mask, state] = [await maskOf(example), await start(example)];
      const turned = { ...state, params: reversed(state.params), optimizer: reversed(state.optimizer) };
      const train = (from: TrainState, under: Mask): Promise<TrainState> =>
        trainer.advance(from, under, example.steps[0], example.dataSeed);
      same("state", print(await train(turned, reversed(mask))), print(await train(state, mask)));
    },
    "what goes in is not changed": async (example) => {
      const [mask, state] = [await maskOf(example), await start(example)];
      const before = print(state) + fingerprintTree(mask);
      await trainer.advance(state, mask, example.steps[0], example.dataSeed);
      await trainer.evaluate(state.params, "validation");
      same("arguments", print(state) + fingerprintTree(mask), before);
    },
    "evaluation is a function of the weights, with a loss": async ({ seed }) => {
      const params = await trainer.init(seed);
      for (const part of ["train", "validation", "test"] as const) {
        const once = await trainer.evaluate(params, part);
        if (!Number.isFinite(once.loss)) throw new Error(`the ${part} loss of initial weights is ${once.loss}`);
        same(`${part} metrics`, JSON.stringify(await trainer.evaluate(params, part)), JSON.stringify(once));
      }
    },
  };
  return Object.entries(laws).map(([name, check]) => ({ name, check }));
}

export interface CheckTrainerLawsOptions {
  /** Cases for each law. Default 5. */
  readonly runs?: number;
  /** Seed of the cases. Default 0. */
  readonly seed?: number;
  /** Most steps of a stretch. Default 4. */
  readonly maxSteps?: number;
}

/** Tries every law of a trainer on random cases, and rejects with the law's name and the smallest failing case that was found. */
export async function checkTrainerLaws(
  trainer: Trainer,
  { runs = 5, seed = 0, maxSteps = 4 }: CheckTrainerLawsOptions = {},
): Promise<void> {
  for (const { name, check } of trainerLaws(trainer)) {
    const details = await fc.check(fc.asyncProperty(trainerCases({ maxSteps }), check), { numRuns: runs, seed });
    if (details.failed) throw new Error(`${name}: ${fc.defaultReportMessage(details)}`);
  }
}

function same(what: string, found: unknown, expected: unknown): void {
  if (!Object.is(found, expected)) throw new Error(`${what}: ${String(found)} is not ${String(expected)}`);
}

function sorted(tensors: Named): Named {
  return Object.fromEntries(sortedNames(tensors).map((name) => [name, tensors[name] as HostTensor]));
}

function reversed(tensors: Named): Named {
  return Object.fromEntries(Object.entries(tensors).reverse());
}

function print({ step, params, optimizer }: TrainState): string {
  return `${step}/${fingerprintTree(sorted(params))}/${fingerprintTree(sorted(optimizer))}`;
}

function randomMask(params: Named, seed: number, tenths: number): Mask {
  return Object.fromEntries(
    Object.entries(onesMask(params)).map(([name, { shape }], i) => {
      const draws = random.uniform(random.foldIn(random.key(seed), i), shape).dataSync() as Float32Array;
      return [
        name,
        bits(
          Uint8Array.from(draws, (draw) => (draw < tenths / 10 ? 1 : 0)),
          shape,
        ),
      ];
    }),
  );
}

/** A state with something at every masked place, -0 among it. */
function soiled(state: TrainState, mask: Mask): TrainState {
  const soil = (tensors: Named): Named =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, value]) => {
        const owner = Object.keys(mask).find((own) => name === own || name.endsWith(`.${own}`));
        const kept = owner === undefined ? undefined : mask[owner];
        if (kept === undefined || kept.shape.join() !== value.shape.join()) return [name, value];
        const values = (value.dataSync() as Float32Array).slice();
        const bytes = kept.dataSync() as Uint8Array;
        for (let i = 0; i < values.length; i++) if (bytes[i] === 0) values[i] = i % 2 === 0 ? -0 : 0.5;
        return [name, tensor(values, { shape: value.shape, dtype: value.dtype })];
      }),
    );
  return { ...state, params: soil(state.params), optimizer: soil(state.optimizer) };
}

function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value !== "object") return false;
  const record = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return record && Object.values(value).every(isPlain);
}
