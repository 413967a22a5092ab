import { LotteryError } from "../base/errors.ts";
import type { SummaryRow, SweepSummary } from "../sweep/aggregate.ts";

/** Which of a sweep's experiments and nets a chart shows, and what it calls them. */
export interface NetOptions {
  /** Default: the only one. */
  readonly experiment?: string;
  /** Nets in the order of the legend: `"ticket"` and names of controls. Default: all. */
  readonly nets?: readonly string[];
  /** What nets are called, by name. Default: plain words for the controls of the papers, else the name itself. */
  readonly names?: Readonly<Record<string, string>>;
}

const plainWords: Readonly<Record<string, string>> = {
  ticket: "ticket",
  reinit: "random reinitialisation",
  randomMask: "random mask",
  "randomMask-global": "random mask, global",
  "randomMask-even": "random mask, even",
  randomBoth: "random mask and weights",
  "randomBoth-global": "random mask and weights, global",
  "randomBoth-even": "random mask and weights, even",
  resample: "weights of the ticket, resampled",
  "resample-signed": "weights of the ticket, resampled with signs",
};

/** What a net is called. */
export function nameOf(net: string, names: Readonly<Record<string, string>> = {}): string {
  return names[net] ?? plainWords[net] ?? net;
}

/** The experiments of a summary, in its order. */
export function experimentsOf(table: readonly { readonly experiment: string }[]): string[] {
  return [...new Set(table.map(({ experiment }) => experiment))];
}

/**
 * The experiment that options ask for.
 *
 * @throws LotteryError E_OPTION when there are several and none is named, or the named one is not there
 */
export function chosenExperiment(
  where: string,
  table: readonly { readonly experiment: string }[],
  { experiment }: NetOptions,
): string {
  const all = experimentsOf(table);
  if (experiment === undefined && all.length <= 1) return all[0] ?? "main";
  if (experiment !== undefined && all.includes(experiment)) return experiment;
  const asked = experiment === undefined ? "name one" : `got ${experiment}`;
  throw new LotteryError("E_OPTION", `${where}: the experiments are ${all.join(", ")}; ${asked}`);
}

/** A net of an experiment: its rows by level. */
export interface Net {
  readonly net: string;
  readonly name: string;
  /** Number of its look, the same in every chart of the summary. */
  readonly look: number;
  readonly rows: readonly SummaryRow[];
}

/**
 * The nets that options ask for.
 *
 * @throws LotteryError E_OPTION for a net or an experiment that is not there
 */
export function chosenNets(where: string, { rows }: SweepSummary, options: NetOptions): Net[] {
  const experiment = chosenExperiment(where, rows, options);
  const all = [...new Set(rows.map(({ net }) => net))];
  const own = rows.filter((row) => row.experiment === experiment);
  const present = all.filter((net) => own.some((row) => row.net === net));
  return (options.nets ?? present).map((net) => {
    if (!present.includes(net)) {
      throw new LotteryError("E_OPTION", `${where}: there is no net ${net}, only ${present.join(", ")}`);
    }
    return {
      net,
      name: nameOf(net, options.names),
      look: all.indexOf(net) % 12,
      rows: own.filter((row) => row.net === net).toSorted((a, b) => a.level - b.level),
    };
  });
}

/** The dense net: level 0 of the tickets. */
export function denseRow({ rows }: SweepSummary, experiment: string): SummaryRow | undefined {
  return rows.find((row) => row.experiment === experiment && row.net === "ticket" && row.level === 0);
}
