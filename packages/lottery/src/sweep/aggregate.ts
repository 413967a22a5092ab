import { checkOpenShare } from "../base/checks.ts";
import { stepsTo } from "../train/run.ts";
import type { Metrics } from "../train/trainer.ts";
import type { JobLevel, JobResult } from "./executeJob.ts";
import { differencesOf, type Group, groupRuns, type Measure, ticketNet, valuesOf } from "./groups.ts";
import type { SweepResult } from "./runSweep.ts";
import { type Statistic, statisticOf } from "./statistics.ts";

/** All runs of one net: a level of the tickets or of a control. */
export interface SummaryRow {
  readonly experiment: string;
  /** `"ticket"`, or the control's name. */
  readonly net: string;
  readonly level: number;
  /** Those that have such a run, in rising order. */
  readonly seeds: readonly number[];
  readonly measures: Readonly<Record<string, Statistic>>;
  /**
   * The ticket of this level minus this net, seed by seed, over the seeds that have both; in a ticket's own row, minus the dense
   * net (level 0). Pairs share the initial weights and the order of the data, so their differences spread less than either.
   */
  readonly differences: Readonly<Record<string, Statistic>>;
}

export interface SweepSummary {
  readonly confidence: number;
  /** By experiment and net (`"ticket"` first), then level. */
  readonly rows: readonly SummaryRow[];
}

export interface AggregateOptions {
  /** Of the intervals, in (0, 1). Default: 0.95. */
  readonly confidence?: number;
  /** Validation losses for `stepsTo(loss)`: the steps until a run first came so low. Default: none. */
  readonly losses?: readonly number[];
  /** Measures of one's own, by name. */
  readonly measures?: Readonly<Record<string, Measure>>;
}

/**
 * A sweep in numbers: for every experiment, net and level the mean, range, standard error and confidence interval of
 * `kept`, `density`, `earlyStop.step`, each metric at the early stop and the end (`earlyStop.test.accuracy`, `final.validation.loss`,
 * `final.train.loss`, ...), and `stepsTo(loss)`; and the paired differences between tickets and their controls.
 *
 * Seeds that have not finished are simply not counted: every statistic says how many there are. The order of `results` is without
 * effect.
 *
 * @throws LotteryError E_RATE unless confidence is in (0, 1); E_OPTION for one run that is there twice.
 */
export function aggregate(
  results: readonly SweepResult<JobResult>[],
  { confidence = 0.95, losses = [], measures = {} }: AggregateOptions = {},
): SweepSummary {
  checkOpenShare("aggregate", "confidence", confidence);
  const groups = groupRuns("aggregate", results);
  const all = { ...usualMeasures(groups), ...measuresOfLosses(losses), ...measures };
  const find = (experiment: string, level: number): Group | undefined =>
    groups.find((group) => group.experiment === experiment && group.net === ticketNet && group.level === level);
  const rows = groups.map((group): SummaryRow => {
    const { experiment, net, level, seeds } = group;
    const ticket = find(experiment, level);
    const [from, minus] = net === ticketNet ? [group, find(experiment, 0)] : [ticket, group];
    return {
      experiment,
      net,
      level,
      seeds: [...seeds.keys()],
      measures: mapValues(all, (measure) => statisticOf(valuesOf(group, measure), confidence)),
      differences: mapValues(all, (measure) => statisticOf(differencesOf(from, minus, measure), confidence)),
    };
  });
  return { confidence, rows };
}

function usualMeasures(groups: readonly Group[]): Record<string, Measure> {
  const runs = groups.flatMap(({ seeds }) => [...seeds.values()].flat());
  const parts: Readonly<Record<string, (run: JobLevel) => Metrics | undefined>> = {
    "earlyStop.validation": ({ earlyStop }) => earlyStop.validation,
    "earlyStop.test": ({ earlyStop }) => earlyStop.test,
    "final.validation": ({ final }) => final.validation,
    "final.test": ({ final }) => final.test,
    "final.train": ({ train }) => train,
  };
  const metrics = Object.entries(parts).flatMap(([part, metricsOf]) => {
    const names = [...new Set(runs.flatMap((run) => Object.keys(metricsOf(run) ?? {})))].sort();
    return names.map((name): [string, Measure] => [`${part}.${name}`, (run) => metricsOf(run)?.[name]]);
  });
  return {
    kept: ({ kept }) => kept,
    density: ({ kept, size }) => kept / size,
    "earlyStop.step": ({ earlyStop }) => earlyStop.step,
    ...Object.fromEntries(metrics),
  };
}

function measuresOfLosses(losses: readonly number[]): Record<string, Measure> {
  return Object.fromEntries(losses.map((loss) => [`stepsTo(${loss})`, ({ curve }) => stepsTo(curve, loss)]));
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, fn: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value)]));
}
