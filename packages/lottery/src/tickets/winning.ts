import { checkChoice } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import type { LevelResult, RunResult, TicketReport } from "./types.ts";

/** How levels are compared with level 0, on the test set. */
export interface CompareLevelsOptions {
  /** Metric to compare. Default "accuracy". */
  readonly metric?: string;
  /** Which values are the better ones? Default: "lower" for "loss", "higher" for all others. */
  readonly better?: "higher" | "lower";
  /** Compared at the early stop (the default) or at the end of training? */
  readonly at?: "earlyStop" | "final";
  /** How much worse than level 0 still counts as equal, in the metric's unit. Default 0. */
  readonly tolerance?: number;
}

/**
 * The winning tickets: levels >= 1 whose early stop comes at an iteration j' <= j, counted from step k, with a test accuracy
 * a' >= a, where j and a are those of level 0 (Frankle and Carbin 2019, section 1). One run decides here: the paper takes means
 * over five.
 *
 * @throws LotteryError E_OPTION when a run has no such metric.
 */
export function winningTickets(
  { levels }: Pick<TicketReport, "levels">,
  options: CompareLevelsOptions = {},
): LevelResult[] {
  const dense = levels[0];
  if (dense === undefined) return [];
  const iterations = ({ earlyStop, ticket }: LevelResult): number => earlyStop.step - ticket.state.step;
  return levels
    .slice(1)
    .filter((level) => iterations(level) <= iterations(dense) && isAsGood("winningTickets", level, dense, options));
}

/**
 * The sparsest level that is matching: as good as level 0 (Frankle et al. 2020, section 2). Undefined when none is.
 *
 * @throws LotteryError E_OPTION when a run has no such metric.
 */
export function matchingLevel(
  { levels }: Pick<TicketReport, "levels">,
  options: CompareLevelsOptions = {},
): LevelResult | undefined {
  const dense = levels[0];
  if (dense === undefined) return undefined;
  return levels.slice(1).findLast((level) => isAsGood("matchingLevel", level, dense, options));
}

function isAsGood(where: string, run: RunResult, dense: RunResult, options: CompareLevelsOptions): boolean {
  const { metric = "accuracy", better = metric === "loss" ? "lower" : "higher", at = "earlyStop" } = options;
  const { tolerance = 0 } = options;
  checkChoice(where, "better", better, ["higher", "lower"]);
  checkChoice(where, "at", at, ["earlyStop", "final"]);
  if (!(tolerance >= 0)) throw new LotteryError("E_OPTION", `${where}: tolerance must be >= 0, got ${tolerance}`);
  const measured = ({ [at]: { test } }: RunResult): number => {
    const value = test[metric];
    if (value !== undefined) return value;
    const known = Object.keys(test).join(", ");
    throw new LotteryError("E_OPTION", `${where}: there is no metric ${metric}, only ${known}`);
  };
  const gain = measured(run) - measured(dense);
  return (better === "higher" ? gain : -gain) >= -tolerance;
}
