import { LotteryError } from "../base/errors.ts";
import { sortedNames } from "../base/parameters.ts";
import { density, type MaskDensity } from "../mask/mask.ts";
import { maskState } from "../train/maskedState.ts";
import type { Json, Metrics, Trainer } from "../train/trainer.ts";
import { Artefact, emptyJournal } from "../tickets/artefact.ts";
import { type Control, controlDensity, controlStart, type CustomControl } from "../tickets/controls.ts";
import { findTickets } from "../tickets/findTickets.ts";
import { differences, exactJson, parseExactJson } from "../tickets/journal.ts";
import { readMask, readOrigins } from "../tickets/results.ts";
import { resultOf, runnerOf } from "../tickets/runner.ts";
import { drawSeedOf } from "../tickets/seeds.ts";
import { type Store, subStore } from "../tickets/store.ts";
import type { FindTicketsOptions, RunResult } from "../tickets/types.ts";
import type { ControlJob, Job, TicketJob } from "./job.ts";
import type { JobProgress } from "./progress.ts";
import { jobFolder } from "./record.ts";

/** A training run of a job, as plain data. */
export interface JobLevel extends RunResult {
  readonly level: number;
  /** Survivors and number of prunable weights. */
  readonly kept: number;
  readonly size: number;
  /** Survivors of each tensor. */
  readonly tensors: Readonly<Record<string, number>>;
  /** On the training data at the end, where `train` asks for it. */
  readonly train?: Metrics;
}

/** What a job found, as plain data: every level of a search for tickets, or the one level of a control. */
export interface JobResult {
  readonly levels: readonly JobLevel[];
}

export interface ExecuteJobOptions {
  /** Options of `findTickets` for every job; those of the job's own `options.tickets` win. */
  readonly tickets?: Omit<FindTicketsOptions, "rounds" | "seed" | "controls" | "store" | "onProgress" | "signal">;
  /** The custom controls among the sweep's controls; each is found by its name. */
  readonly controls?: readonly Control[];
  /** Evaluate the trained nets on the training data too? Default: false. Keeps the trained weights in the store (`keep: "all"`). */
  readonly train?: boolean;
  readonly onProgress?: (progress: JobProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs one job of a sweep in this process: a search for tickets with `findTickets`, or a control of one of its levels with the same
 * draws and the same order of data as `findTickets` gives its own controls.
 *
 * The job keeps its files in the store under `jobs/<id>/`: interrupted anywhere, it goes on from its last checkpoint and ends with
 * the same bits. A control reads mask and weights from the files of its search.
 *
 * @throws LotteryError E_RESUME when the files are those of another experiment, or a control's ticket is not there; E_OPTION for
 *   a custom control that `controls` does not hold; and what `findTickets` throws.
 */
export async function executeJob(
  trainer: Trainer,
  job: Job,
  store: Store,
  options: ExecuteJobOptions = {},
): Promise<JobResult> {
  const own = subStore(store, jobFolder(job.id));
  if (job.kind === "tickets") return searchTickets(trainer, job, own, options);
  const after = job.after[0];
  if (after === undefined) throw new LotteryError("E_OPTION", `executeJob: ${job.id} names no search for tickets`);
  const unlock = await own.lock?.("experiment");
  try {
    return await runControl(trainer, job, subStore(store, jobFolder(after.job)), own, options);
  } finally {
    await unlock?.();
  }
}

function ticketOptions(job: Job, { tickets = {}, train = false }: ExecuteJobOptions): Partial<FindTicketsOptions> {
  return { ...tickets, ...job.options.tickets, ...(train ? { keep: "all" as const } : {}) };
}

async function searchTickets(
  trainer: Trainer,
  job: TicketJob,
  store: Store,
  options: ExecuteJobOptions,
): Promise<JobResult> {
  const { train = false, onProgress, signal } = options;
  const { rounds, seed } = job;
  const levels: JobLevel[] = [];
  let share = 0;
  const search = findTickets(trainer, {
    ...ticketOptions(job, options),
    rounds,
    seed,
    store,
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ level, step }) => {
      // A level is not always one run of the schedule (strategy "continue", rewind "none"): it never counts for more.
      share = Math.max(share, (level + Math.min(1, step / trainer.steps)) / (rounds + 1));
      onProgress?.({ level, levels: levels.length, step, share });
    },
  });
  for await (const { level, mask, trained, ...run } of search) {
    const end = train && trained !== undefined ? await trainer.evaluate(trained, "train", signal) : undefined;
    levels.push(jobLevel(level, density(mask), run, end));
    share = (level + 1) / (rounds + 1);
    onProgress?.({ level, levels: level + 1, step: run.final.step, share });
  }
  return { levels };
}

async function runControl(
  trainer: Trainer,
  job: ControlJob,
  tickets: Store,
  store: Store,
  options: ExecuteJobOptions,
): Promise<JobResult> {
  const { level, seed, index, trial, control: name } = job;
  const { train = false, onProgress, signal } = options;
  const { evalEvery = 100, testEvery, checkpointEvery = 10 } = ticketOptions(job, options);
  const source = await Artefact.find(tickets);
  const record = source?.journal.levels[level];
  if (source === undefined || record === undefined) {
    const message = `executeJob: the store holds no level ${level} of ${job.after[0]?.job}, which ${job.id} needs`;
    throw new LotteryError("E_RESUME", message);
  }
  checkSameTrainer(job, source.journal.experiment, trainer);
  const mask = await readMask(source, level);
  const { rewound } = await readOrigins(source);
  const context = { trainer, level, mask, rewound, seed: drawSeedOf(seed, level, index + 1, trial) };
  const start = await controlStart(controlOf(job, options.controls ?? []), context);

  const description: Json = {
    control: { name, settings: job.settings as Json, level, index, trial },
    evalEvery,
    testEvery: testEvery ?? null,
    tickets: source.journal.experiment,
  };
  const { steps, rewindStep } = source.journal;
  const artefact = await Artefact.open(store, emptyJournal(description, { seed, steps, rewindStep, rounds: 0 }));
  await artefact.commit({});
  const runner = runnerOf(trainer, artefact, {
    evalEvery,
    testEvery,
    checkpoints: checkpointEvery,
    onProgress: ({ step, toStep }) => onProgress?.({ level, levels: 0, step, share: step / toStep }),
    signal,
  });
  const run = await runner.train(
    { level, mask: start.mask, dataSeed: record.dataSeed, kind: "control", control: name, trial },
    maskState(start.state, start.mask),
  );
  const end = train ? await trainer.evaluate(run.state.params, "train", signal) : undefined;
  await artefact.tidy();
  return { levels: [jobLevel(level, controlDensity(mask, start.mask), resultOf(run), end)] };
}

/** A control of the sweep; a custom one is completed with what is no plain data. */
function controlOf({ id, control: name, settings }: ControlJob, controls: readonly Control[]): Control {
  if (settings.kind !== "custom") return settings;
  const found = controls.find((each): each is CustomControl => each.kind === "custom" && each.name === name);
  if (found !== undefined) return found;
  throw new LotteryError("E_OPTION", `executeJob: ${id} needs the custom control ${name}; hand it over in controls`);
}

function checkSameTrainer({ id }: ControlJob, experiment: Json, trainer: Trainer): void {
  const { trainer: description, steps } = experiment as { readonly trainer: Json; readonly steps: number };
  // As the ticket's store gives it back.
  const here = parseExactJson(exactJson({ trainer: trainer.description, steps: trainer.steps })) as Json;
  const differing = differences({ trainer: description, steps }, here);
  if (differing.length === 0) return;
  throw new LotteryError("E_RESUME", `executeJob: ${id} has another trainer than its ticket: ${differing.join("; ")}`);
}

function jobLevel(
  level: number,
  { kept, size, tensors }: MaskDensity,
  { curve, earlyStop, final }: RunResult,
  train?: Metrics,
): JobLevel {
  const counts = Object.fromEntries(sortedNames(tensors).map((name) => [name, tensors[name]?.kept ?? 0]));
  return { level, kept, size, tensors: counts, curve, earlyStop, final, ...(train === undefined ? {} : { train }) };
}
