import { fingerprintTree } from "@parsimony/core-tensor";
import type { HostTensor } from "@parsimony/core-tensor";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Named, sortedNames } from "../base/parameters.ts";
import { densityLadder } from "../mask/ladder.ts";
import { type Mask, checkMask, density, isPrunable, onesMask } from "../mask/mask.ts";
import { type PruneOptions, pruneByMagnitude } from "../mask/prune.ts";
import type { Json, Trainer } from "../train/trainer.ts";
import { type PlannedControl, describeControl, planControls } from "./controls.ts";
import type { FindTicketsOptions, Prune } from "./types.ts";

/** An experiment with every default filled in. */
export interface Plan {
  readonly rounds: number;
  readonly seed: number;
  readonly rewindStep: number;
  readonly strategy: "reset" | "continue";
  readonly rewind: "weights" | "learningRate" | "none";
  readonly dataOrder: "fresh" | "same";
  readonly evalEvery: number;
  readonly testEvery: number | undefined;
  readonly keep: "all" | "last" | "none";
  readonly controls: readonly PlannedControl[];
  readonly prune: Prune;
  readonly allowEmpty: boolean;
  /** Mask of level 0. */
  readonly mask: Mask;
  /** All that decides about results, as plain data: what a store is compared with. */
  readonly description: Json;
}

const where = "findTickets";

/** Checks the options that need no training, and fills in their defaults. */
export function planExperiment(trainer: Trainer, initial: Named, options: FindTicketsOptions): Plan {
  const { rounds, seed, strategy = "reset", rewind = "weights", dataOrder = "fresh", keep = "none" } = options;
  const { evalEvery = 100, testEvery, allowEmpty = false, controls = [] } = options;
  checkWhole(where, "rounds", rounds, 1);
  checkWhole(where, "the trainer's steps", trainer.steps, 1);
  checkChoice(where, "strategy", strategy, ["reset", "continue"]);
  checkChoice(where, "rewind", rewind, ["weights", "learningRate", "none"]);
  checkChoice(where, "dataOrder", dataOrder, ["fresh", "same"]);
  checkChoice(where, "keep", keep, ["all", "last", "none"]);
  checkWhole(where, "evalEvery", evalEvery, 1);
  if (testEvery !== undefined) checkWhole(where, "testEvery / evalEvery", testEvery / evalEvery, 1);
  if (strategy === "continue" && rewind !== "weights") {
    fail(`strategy "continue" tries each mask on the rewound weights, so rewind must be "weights", got "${rewind}"`);
  }
  const rewindStep = stepOf(options.rewindTo ?? { step: 0 }, trainer.steps);
  const mask = options.mask ?? onesMask(initial, { prunable: options.prunable ?? isPrunable });
  checkMask(where, mask, initial);
  if (sortedNames(mask).length === 0) throw new LotteryError("E_EMPTY", `${where}: the mask has no tensor`);
  const criterion = criterionOf(options);
  // A first pruning of the initial weights shows what is wrong with rates and names before hours of training do.
  if (options.prune === undefined) {
    void criterion.prune(initial, mask, 0, { initial, rewound: initial, seed });
    checkLastLevels(mask, options);
  }
  const planned = planControls(where, controls, rounds);
  const description: Json = {
    trainer: trainer.description,
    steps: trainer.steps,
    options: {
      rounds,
      seed,
      criterion: criterion.description,
      allowEmpty,
      prunable: sortedNames(mask),
      mask: options.mask === undefined ? "ones" : fingerprintTree(sorted(mask)),
      strategy,
      rewind,
      rewindStep,
      dataOrder,
      evalEvery,
      testEvery: testEvery ?? null,
      keep,
      controls: planned.map(describeControl),
    },
  };
  return {
    rounds,
    seed,
    rewindStep,
    strategy,
    rewind,
    dataOrder,
    evalEvery,
    testEvery,
    keep,
    controls: planned,
    prune: criterion.prune,
    allowEmpty,
    mask,
    description,
  };
}

/** In layer scope the counts of all levels are known, so that a tensor that will be emptied is found before it is. */
function checkLastLevels(mask: Mask, options: FindTicketsOptions): void {
  const { rounds, rate, outputLayer, outputRate, scope = "layer", minPerTensor = 0, allowEmpty, compat } = options;
  if (scope !== "layer" || minPerTensor > 0 || allowEmpty || (compat ?? "exact") !== "exact") return;
  const kept = mapValues(density(mask).tensors, (each) => each.kept);
  const given = { rate, outputLayer, outputRate };
  const amounts = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  for (const { level, tensors } of densityLadder(kept, { ...amounts, rounds })) {
    const name = Object.keys(tensors).find((each) => tensors[each]?.kept === 0 && kept[each] !== 0);
    if (name === undefined) continue;
    const message = `${where}: ${name} would lose its last weight at level ${level}; allow it with allowEmpty, or set minPerTensor`;
    throw new LotteryError("E_EMPTY", message, { tensor: name });
  }
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, fn: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value)]));
}

function stepOf(to: NonNullable<FindTicketsOptions["rewindTo"]>, steps: number): number {
  if ("fraction" in to && !(to.fraction >= 0 && to.fraction < 1)) {
    fail(`rewindTo.fraction must be in [0, 1), got ${to.fraction}`);
  }
  const step = "fraction" in to ? Math.floor(to.fraction * steps + 0.5) : to.step;
  checkWhole(where, "rewindTo.step", step, 0);
  if (step >= steps) fail(`rewindTo: step ${step} is not below the ${steps} steps of the schedule`);
  return step;
}

function criterionOf(options: FindTicketsOptions): { readonly prune: Prune; readonly description: Json } {
  const { prune, pruneDescription, rate, scope, outputLayer, outputRate, minPerTensor, allowEmpty, compat } = options;
  const given = { rate, scope, outputLayer, outputRate, minPerTensor, compat };
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (prune !== undefined) {
    const unused = Object.keys(defined);
    if (unused.length > 0) fail(`${unused.join(", ")} are not used with prune; give them to the criterion itself`);
    return { prune, description: { name: pruneDescription ?? prune.name } };
  }
  const magnitude = { ...defined, ...(allowEmpty === undefined ? {} : { allowEmpty }) } as PruneOptions;
  return {
    prune: (trained, mask) => pruneByMagnitude(trained, mask, magnitude),
    description: { name: "magnitude", ...(defined as { [key: string]: Json }) },
  };
}

function sorted(mask: Mask): Mask {
  return Object.fromEntries(sortedNames(mask).map((name) => [name, mask[name] as HostTensor]));
}

function fail(reason: string): never {
  throw new LotteryError("E_OPTION", `${where}: ${reason}`);
}
