import type { SummaryRow, SweepSummary } from "../sweep/aggregate.ts";
import { densityOf } from "./measureChart.ts";
import { denseRow } from "./nets.ts";
import { count, percent } from "./text.ts";

/** What stands out in an experiment, as facts of a page: means over the seeds, no tests of significance. */
export function highlights(summary: SweepSummary, experiment: string, metric: string): [string, string][] {
  const measure = `earlyStop.test.${metric}`;
  const dense = denseRow(summary, experiment);
  const tickets = summary.rows.filter(
    (row) => row.experiment === experiment && row.net === "ticket" && row.level > 0 && densityOf(row) > 0,
  );
  const value = (row: SummaryRow | undefined, of: string): number | undefined => row?.measures[of]?.mean;
  const [base, baseStep] = [value(dense, measure), value(dense, "earlyStop.step")];
  const facts: [string, string][] = [];
  if (base === undefined) return facts;
  const isHigher = metric !== "loss";
  const print = (number: number): string =>
    metric === "accuracy" ? percent(number) : String(Number(number.toPrecision(4)));
  const gain = (row: SummaryRow): number => ((value(row, measure) ?? Number.NaN) - base) * (isHigher ? 1 : -1);
  facts.push([`dense net, test ${metric} at early stop`, print(base)]);
  const best = tickets.filter((row) => gain(row) > 0).sort((a, b) => gain(b) - gain(a))[0];
  if (best !== undefined)
    facts.push([`best ticket, at ${percent(densityOf(best))}`, print(value(best, measure) as number)]);
  const sparsest = tickets.filter((row) => gain(row) >= 0).sort((a, b) => densityOf(a) - densityOf(b))[0];
  facts.push([
    "sparsest level no worse than the dense net",
    sparsest === undefined ? "none" : percent(densityOf(sparsest)),
  ]);
  const fastest = tickets
    .filter((row) => value(row, "earlyStop.step") !== undefined)
    .sort((a, b) => (value(a, "earlyStop.step") as number) - (value(b, "earlyStop.step") as number))[0];
  const fastestStep = value(fastest, "earlyStop.step");
  if (fastest !== undefined && fastestStep !== undefined && baseStep !== undefined) {
    facts.push(["dense net, early-stop iteration", count(baseStep)]);
    if (fastestStep < baseStep) {
      facts.push([`earliest ticket, at ${percent(densityOf(fastest))}`, count(fastestStep)]);
    }
  }
  return facts;
}
