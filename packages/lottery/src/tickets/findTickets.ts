import { fingerprintTree } from "@parsimony/core-tensor";
import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import type { Mask } from "../mask/mask.ts";
import { maskState } from "../train/maskedState.ts";
import type { TrainRun } from "../train/run.ts";
import type { TrainState, Trainer } from "../train/trainer.ts";
import { Artefact, emptyJournal, fileNames } from "./artefact.ts";
import { controlDensity, controlStart } from "./controls.ts";
import { decodeState, encodeMask, encodeParams, encodeState } from "./encode.ts";
import type { ControlRecord, LevelRecord } from "./journal.ts";
import { checkNextMask } from "./nextMask.ts";
import { type Plan, planExperiment } from "./plan.ts";
import { type Origins, readLevel, readMask, readOrigins, readReport, readStart } from "./results.ts";
import { type Runner, resultOf, runnerOf } from "./runner.ts";
import { dataSeedOf, drawSeedOf } from "./seeds.ts";
import { memoryStore } from "./store.ts";
import type { FindTicketsOptions, LevelResult, TicketReport } from "./types.ts";

/**
 * Finds lottery tickets by iterative pruning with rewinding (Frankle and Carbin 2019; Frankle et al. 2020 for k > 0; Renda et al.
 * 2020 for the learning rate): trains the net, prunes it by what it has learnt, sets the surviving weights back to step k,
 * and so on for `rounds` prunings. Gives each level when it is finished, with the early stop and the end of its training and
 * its controls, and at the end all of them.
 *
 * - At step k the optimiser's state is saved with the weights, and every level begins with both at the same place of the schedule.
 *   With k = 0 that is a reset to the initial weights with a fresh optimiser.
 * - Rewinding the learning rate keeps the trained weights and takes the optimiser's state of step k; with "none" the
 *   trained state goes on for T - k steps beyond its last one.
 * - Controls with fresh weights are trained from step 0, all others from step k; all see the data in the order of the ticket.
 *
 * With a store the experiment is an artefact: stopped at any moment and started again with the same trainer and options it goes
 * on, yields the finished levels again, and ends with the same bytes in every file. Without `await`ing further levels nothing is
 * computed.
 *
 * @throws LotteryError E_OPTION, E_RATE, E_MASK, E_EMPTY for options, before anything is trained; E_RESUME when the store holds
 *   another experiment (it says what differs) or a damaged file (it says which); E_NON_FINITE with the step when a loss is not
 *   finite, and E_MASK when a trainer brings masked weights back: finished levels stay in the store. The reason of `signal`.
 */
export async function* findTickets(
  trainer: Trainer,
  options: FindTicketsOptions,
): AsyncGenerator<LevelResult, TicketReport, void> {
  const { checkpointEvery = 10, onProgress, signal } = options;
  checkWhole("findTickets", "checkpointEvery", checkpointEvery, 1);
  if (!Number.isSafeInteger(options.seed)) {
    throw new LotteryError("E_OPTION", `findTickets: seed must be a safe integer, got ${options.seed}`);
  }
  const first = await trainer.begin(await trainer.init(options.seed));
  const plan = planExperiment(trainer, first.params, options);
  const store = options.store ?? memoryStore();
  const unlock = await store.lock?.("experiment");
  try {
    const artefact = await Artefact.open(store, emptyJournal(plan.description, { ...plan, steps: trainer.steps }));
    await begin(artefact, plan, first);
    const { evalEvery, testEvery } = plan;
    const checkpoints = options.store === undefined ? undefined : checkpointEvery;
    const runner = runnerOf(trainer, artefact, { evalEvery, testEvery, checkpoints, onProgress, signal });
    for (let level = 0; level <= plan.rounds; level++) {
      signal?.throwIfAborted();
      if (artefact.journal.levels[level]?.finished !== true) await finishLevel(trainer, artefact, plan, runner, level);
      yield await readLevel(artefact, level, await readOrigins(artefact));
    }
    await artefact.tidy();
    return await readReport(artefact);
  } finally {
    await unlock?.();
  }
}

async function begin(artefact: Artefact, plan: Plan, first: TrainState): Promise<void> {
  const name = fileNames.state(0);
  if (!artefact.has(name)) {
    const mask = { [fileNames.mask(0)]: encodeMask(plan.mask) };
    return artefact.commit({}, { [name]: encodeState(first), ...mask });
  }
  const { params } = await artefact.read(name, decodeState);
  if (fingerprintTree(params) === fingerprintTree(first.params)) return;
  const message = `findTickets: the trainer's initial weights for the seed ${plan.seed} are not those in ${name}`;
  throw new LotteryError("E_RESUME", message);
}

async function finishLevel(
  trainer: Trainer,
  artefact: Artefact,
  plan: Plan,
  runner: Runner,
  level: number,
): Promise<void> {
  const mask = await readMask(artefact, level);
  const dataSeed = dataSeedOf(plan.seed, plan.dataOrder === "fresh" ? level : 0);
  const record = (): LevelRecord =>
    artefact.journal.levels[level] ?? { dataSeed, pruned: level === plan.rounds, controls: [], finished: false };
  const commit = (change: Partial<LevelRecord>, files: Readonly<Record<string, Uint8Array>> = {}): Promise<void> => {
    const levels = [...artefact.journal.levels.slice(0, level), { ...record(), ...change }];
    return artefact.commit({ levels }, files);
  };
  const training = { level, mask, dataSeed };
  const trainOn = (kind: "ticket" | "continued", start: TrainState): Promise<TrainRun> =>
    runner.train({ ...training, kind, toStep: start.step + trainer.steps - plan.rewindStep }, start);

  if (record().run === undefined) {
    const run =
      level === 0
        ? await trainDense(artefact, plan, runner, training)
        : await trainOn("ticket", await readStart(artefact, level, await readOrigins(artefact), mask));
    const kept = plan.keep === "all" || (plan.keep === "last" && level === plan.rounds);
    const trained = kept ? { [fileNames.trained(level)]: encodeParams(run.state.params) } : {};
    const pruned = record().pruned || plan.strategy === "reset" || level === 0;
    const next = pruned && !record().pruned ? await prune(artefact, plan, run.state, training) : {};
    await commit({ run: resultOf(run), pruned }, { ...trained, ...next });
  }
  if (!record().pruned) {
    const run = await trainOn("continued", await artefact.read(fileNames.continued(level), decodeState));
    await commit({ pruned: true }, await prune(artefact, plan, run.state, training));
  }
  for (const [number, { control, name, levels, trials }] of plan.controls.entries()) {
    if (!levels.includes(level)) continue;
    for (let trial = 0; trial < trials; trial++) {
      if (record().controls.some((each) => each.control === name && each.trial === trial)) continue;
      const seed = drawSeedOf(plan.seed, level, number + 1, trial);
      const { rewound } = await readOrigins(artefact);
      const start = await controlStart(control, { trainer, level, mask, rewound, seed });
      const run = await runner.train(
        { ...training, mask: start.mask, kind: "control", control: name, trial },
        maskState(start.state, start.mask),
      );
      const kept = Object.fromEntries(
        Object.entries(controlDensity(mask, start.mask).tensors).map(([tensor, each]) => [tensor, each.kept]),
      );
      const result: ControlRecord = { control: name, trial, seed, kept, run: resultOf(run) };
      await commit({ controls: [...record().controls, result] });
    }
  }
  await commit({ finished: true });
}

interface LevelTraining {
  readonly level: number;
  readonly mask: Mask;
  readonly dataSeed: number;
}

/** Level 0 is one run of the whole schedule that stops at step k to save its state. */
async function trainDense(
  artefact: Artefact,
  { rewindStep }: Plan,
  runner: Runner,
  training: LevelTraining,
): Promise<TrainRun> {
  const job = { ...training, kind: "ticket" } as const;
  const start = maskState(await artefact.read(fileNames.state(0), decodeState), training.mask);
  if (rewindStep === 0) return runner.train(job, start);
  const name = fileNames.state(rewindStep);
  const found = await runner.progressOf(job);
  if (found !== undefined && found.state.step >= rewindStep && artefact.has(name))
    return runner.train(job, start, found);
  // Also where the state is there already and only the checkpoint was lost: the curve has a point at step k.
  const before = found !== undefined && found.state.step <= rewindStep ? found : undefined;
  const progress = await runner.trainTo({ ...job, toStep: rewindStep }, start, before);
  if (!artefact.has(name)) await artefact.commit({}, { [name]: encodeState(progress.state) });
  return runner.train(job, start, progress);
}

/** The files of the next level: its mask, and the state that goes on where weights are not rewound. */
async function prune(
  artefact: Artefact,
  plan: Plan,
  trained: TrainState,
  { level, mask }: LevelTraining,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const origins: Origins = await readOrigins(artefact);
  const context = {
    initial: origins.first.params,
    rewound: origins.rewound.params,
    seed: drawSeedOf(plan.seed, level),
  };
  const next = await plan.prune(trained.params, mask, level, context);
  checkNextMask(mask, next, level, plan.allowEmpty);
  const name = fileNames.mask(level + 1);
  const files = { [name]: encodeMask(next) };
  if (plan.strategy === "continue") {
    return { ...files, [fileNames.continued(level + 1)]: encodeState(maskState(trained, next)) };
  }
  if (plan.rewind === "weights") return files;
  const start = plan.rewind === "none" ? trained : { ...origins.rewound, params: trained.params };
  return { ...files, [fileNames.start(level + 1)]: encodeState(maskState(start, next)) };
}
