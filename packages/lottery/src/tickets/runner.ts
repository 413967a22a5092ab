import type { Mask } from "../mask/mask.ts";
import { type RunProgress, type TrainRun, trainRun } from "../train/run.ts";
import type { TrainState, Trainer } from "../train/trainer.ts";
import type { Artefact } from "./artefact.ts";
import type { RunResult, TicketProgress } from "./types.ts";

/** A training run of an experiment. */
export interface Job {
  readonly level: number;
  readonly mask: Mask;
  readonly dataSeed: number;
  readonly kind: TicketProgress["run"];
  readonly control?: string;
  readonly trial?: number;
  /** Default: the end of the schedule. */
  readonly toStep?: number;
}

export interface RunnerOptions {
  readonly evalEvery: number;
  readonly testEvery: number | undefined;
  /** Looks between two checkpoints; undefined for none. */
  readonly checkpoints: number | undefined;
  readonly onProgress: ((progress: TicketProgress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Trains, and keeps in the artefact where it stands. */
export interface Runner {
  /** Trains to the end, from the checkpoint where there is one of this job. */
  train(job: Job, start: TrainState, resume?: RunProgress): Promise<TrainRun>;
  /** Trains to a step in between. */
  trainTo(job: Job & { readonly toStep: number }, start: TrainState, resume?: RunProgress): Promise<RunProgress>;
  progressOf(job: Job): Promise<RunProgress | undefined>;
}

export function runnerOf(trainer: Trainer, artefact: Artefact, options: RunnerOptions): Runner {
  const { evalEvery, testEvery, checkpoints, onProgress, signal } = options;
  const run = async (
    job: Job,
    start: TrainState,
    resume: RunProgress | undefined,
    end = job.toStep ?? trainer.steps,
  ): Promise<{ readonly result: TrainRun; readonly last: RunProgress | undefined }> => {
    const { level, kind, control, trial, toStep = trainer.steps } = job;
    const name = runName(job);
    const place = {
      level,
      run: kind,
      ...(control === undefined ? {} : { control }),
      ...(trial === undefined ? {} : { trial }),
    };
    let last = resume;
    const onCheckpoint = async (progress: RunProgress): Promise<void> => {
      last = progress;
      const { step } = progress.state;
      const due = checkpoints !== undefined && (step === toStep || (progress.curve.length - 1) % checkpoints === 0);
      if (due) await artefact.saveCheckpoint(name, progress);
      const point = progress.curve.at(-1) as RunProgress["curve"][number];
      onProgress?.({ ...place, step, toStep: end, validation: point.validation });
    };
    const result = await trainRun(trainer, start, job.mask, {
      dataSeed: job.dataSeed,
      toStep,
      evalEvery,
      ...(testEvery === undefined ? {} : { testEvery }),
      ...(resume === undefined ? {} : { resume }),
      onCheckpoint,
      ...(signal === undefined ? {} : { signal }),
    });
    return { result, last };
  };
  const progressOf = async (job: Job): Promise<RunProgress | undefined> =>
    checkpoints === undefined ? undefined : artefact.loadCheckpoint(runName(job));
  return {
    progressOf,
    train: async (job, start, resume) => (await run(job, start, resume ?? (await progressOf(job)))).result,
    trainTo: async (job, start, resume) => (await run(job, start, resume, trainer.steps)).last as RunProgress,
  };
}

function runName({ level, kind, control, trial }: Job): string {
  return kind === "control" ? `level-${level}/control/${control}/${trial}` : `level-${level}/${kind}`;
}

/** What of a run is kept in the journal. */
export function resultOf({ curve, earlyStop, final }: TrainRun): RunResult {
  return { curve, earlyStop, final };
}
