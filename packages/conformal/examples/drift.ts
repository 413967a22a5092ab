// Intervals for daily stock returns, calibrated in the calm years 2003-2006 and used through the crises of 2008 and
// 2020: a threshold that stays as it is fails when it matters, online methods recover.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/drift.ts
import { readFileSync } from "node:fs";
import { conformalQuantile } from "@parsimony/conformal";
import {
  type OnlineMethod,
  aci,
  aciBound,
  agAci,
  conformalPid,
  dtAci,
  pidBound,
  quantileTracker,
  saocp,
  trackerBound,
} from "@parsimony/conformal/online";

const alpha = 0.1;
const days = readFileSync(new URL("../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","))
  .map((cells) => ({ date: cells[0] as string, close: Number(cells[4]) }));
// The score of a day: its absolute return in percent. The interval of a threshold q is then 0 +- q.
const returns = days.slice(1).map(({ date, close }, i) => ({
  date,
  score: Math.abs(100 * Math.log(close / (days[i] as { close: number }).close)),
}));
const scores = returns.filter(({ date }) => date >= "2003" && date < "2007").map(({ score }) => score);
const stream = returns.filter(({ date }) => date >= "2007").map(({ score }) => score);
const steps = stream.length;
const largest = Math.max(...stream);
const q0 = conformalQuantile(scores, alpha).value;

// What a threshold that never learns looks like as an online method: a tracker with a vanishing step.
const fixed = quantileTracker({ alpha, eta: 1e-12, q0 });
const pid = { alpha, eta: 0.1, kI: 2, cSat: 0.2, q0 };
const methods: readonly (readonly [name: string, method: OnlineMethod, bound?: number])[] = [
  ["fixed split", fixed],
  ["aci", aci({ alpha, gamma: 0.02, scores }), aciBound(steps, { alpha, gamma: 0.02 })],
  ["dtAci", dtAci({ alpha, scores })],
  ["agAci", agAci({ alpha, scores })],
  ["saocp", saocp({ alpha, scale: 4, q0 })],
  ["tracker", quantileTracker({ alpha, eta: 0.2, q0 }), trackerBound(steps, { alpha, eta: 0.2, q0, bound: largest })],
  ["pid", conformalPid(pid), pidBound(steps, pid)],
];

const window = 250;
for (const [name, method, bound] of methods) {
  const said = stream.map((score) => method.step(score));
  const misses = said.filter(({ covered }) => !covered).length;
  let held = 0;
  let worst = 1;
  for (const [t, { covered }] of said.entries()) {
    held += Number(covered) - Number(said[t - window]?.covered ?? false);
    if (t >= window - 1) worst = Math.min(worst, held / window);
  }
  const widths = said.map(({ threshold }) => 2 * Math.max(0, threshold)).sort((a, b) => a - b);
  const infinite = said.filter(({ finite }) => !finite).length;
  const promise = bound === undefined ? "no bound" : `within ${bound.toFixed(4)} of ${1 - alpha} for any sequence`;
  console.log(
    `${name}: coverage ${(1 - misses / steps).toFixed(4)} (${promise}), worst ${window} days ${worst.toFixed(3)}, ` +
      `median width ${widths[steps >> 1]?.toFixed(2)}, not finite on ${infinite} of ${steps} days`,
  );
}
