/**
 * Calibration and prediction against NumPy, in one run on the same numbers:
 *
 *     npm run bench:conformal [-- rounds]
 *
 * Prints the median time of each, the ratio, and for the first task what sorting the scores alone takes. Results are
 * compared before they are timed. Without a Python that has NumPy, only this side is printed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  absolute,
  aps,
  conformalQuantile,
  jackknifePlusInterval,
  outlierPValues,
  splitClassifier,
  splitRegressor,
  uniformStream,
  vennAbers,
  weightedQuantiles,
} from "@parsimony/conformal";

const alpha = 0.1;
const rounds = Number(process.argv[2] ?? 20);
const uniform = uniformStream(1);
const numbers = (count: number, draw: () => number): Float64Array => Float64Array.from({ length: count }, draw);
const bell = (): number => uniform() + uniform() + uniform() - 1.5;

function probabilityRows(count: number): Float64Array {
  const data = numbers(10 * count, () => Math.max(1e-12, uniform()) ** 6);
  for (let start = 0; start < data.length; start += 10) {
    const row = data.subarray(start, start + 10);
    const sum = row.reduce((total, value) => total + value);
    row.forEach((value, i) => {
      row[i] = value / sum;
    });
  }
  return data;
}

/** A class drawn from each row. */
function labelsOf(rows: Float64Array): Float64Array {
  return numbers(rows.length / 10, uniform).map((u, i) => {
    let left = u;
    let label = -1;
    while (left >= 0 && label < 9) left -= rows[10 * i + ++label] as number;
    return label;
  });
}

const rows = probabilityRows(100_000);
const vennScores = numbers(10_000, uniform);
const data = {
  mu: numbers(1_000_000, bell),
  y: numbers(1_000_000, bell),
  test: numbers(1_000_000, bell),
  rows,
  labels: labelsOf(rows),
  testRows: probabilityRows(100_000),
  scores: numbers(100_000, uniform),
  weights: numbers(100_000, uniform),
  testWeights: numbers(1000, uniform),
  testScores: numbers(10_000, uniform),
  residuals: numbers(1000, () => Math.abs(bell())),
  predictions: numbers(1_000_000, bell),
  vennScores,
  vennLabels: vennScores.map((score) => Number(uniform() < score)),
  vennTests: numbers(100, uniform),
};
const count = data.residuals.length;
const thousand = Array.from({ length: 1000 }, (_, i) => data.predictions.subarray(i * count, (i + 1) * count));

const residuals = (): Float64Array => data.y.map((value, i) => Math.abs(value - (data.mu[i] as number)));

/** Each task gives the number that the other side must reproduce. */
const tasks: Record<string, { readonly size: string; run(): number }> = {
  intervals: {
    size: "calibrate 10^6, predict 10^6",
    run: () => {
      const predictor = splitRegressor({ score: absolute, alpha }).calibrate(data.mu, data.y);
      const { lower, upper } = predictor.predictBounds(data.test);
      return (upper.at(-1) as number) - (lower.at(-1) as number);
    },
  },
  "APS sets": {
    size: "calibrate 10^5 rows of 10, predict 10^5",
    run: () => {
      const matrix = { data: data.rows, shape: [100_000, 10] };
      const predictor = splitClassifier({ score: aps({ randomized: false }), alpha }).calibrate(matrix, data.labels);
      const sets = predictor.predictSets({ data: data.testRows, shape: [100_000, 10] });
      return sets.reduce((total, set) => total + set.labels.length, 0);
    },
  },
  "weighted thresholds": {
    size: "10^5 calibration points, 1,000 test weights",
    run: () => {
      const quantile = weightedQuantiles(data.scores, data.weights, alpha);
      return data.testWeights.reduce((total, weight) => total + quantile(weight).value, 0);
    },
  },
  "p-values": {
    size: "10^5 calibration points, 10^4 tests",
    run: () => outlierPValues(data.scores, data.testScores).reduce((total, p) => total + p, 0),
  },
  "jackknife+": {
    size: "1,000 points, 1,000 tests",
    run: () => {
      let total = 0;
      for (const row of thousand) {
        const { lower, upper } = jackknifePlusInterval(row, data.residuals, alpha);
        total += upper - lower;
      }
      return total;
    },
  },
  "Venn-Abers": {
    size: "10^4 calibration points, 100 tests",
    run: () => {
      const predictor = vennAbers(data.vennScores, data.vennLabels);
      return data.vennTests.reduce((total, score) => {
        const { p0, p1 } = predictor.predictProbability(score);
        return total + p0 + p1;
      }, 0);
    },
  },
};

function median(run: () => unknown): number {
  for (let warm = 0; warm < 3; warm++) run();
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return times.sort((a, b) => a - b)[rounds >> 1] as number;
}

interface Peers {
  readonly numpy: string;
  readonly results: Record<string, { readonly seconds: number; readonly check: number }>;
}

function runPeers(): Peers | undefined {
  const folder = mkdtempSync(join(tmpdir(), "conformal-"));
  try {
    for (const [name, values] of Object.entries(data)) writeFileSync(join(folder, `${name}.f64`), values);
    const candidates = [process.env["PYTHON"], "python3", "/usr/bin/python3"].filter((name) => name !== undefined);
    const imports = (modules: string) => (name: string) => spawnSync(name, ["-c", `import ${modules}`]).status === 0;
    const python = candidates.find(imports("numpy, sklearn")) ?? candidates.find(imports("numpy"));
    if (python === undefined) return undefined;
    const script = [join(import.meta.dirname, "peers.py"), folder, String(rounds)];
    const { status, stdout, stderr } = spawnSync(python, script, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Peers;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const peers = runPeers();
const milliseconds = (seconds: number | undefined): string =>
  (seconds === undefined ? "-" : (seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0)).padStart(8);

console.log(`Node ${process.version}; ${peers === undefined ? "no NumPy here" : `NumPy ${peers.numpy}`}; ms, medians`);
console.log("task                  ours      peer   ratio");
for (const [name, { size, run }] of Object.entries(tasks)) {
  const peer = peers?.results[name];
  const found = run();
  if (peer !== undefined && Math.abs(found / peer.check - 1) > 1e-9) {
    throw new Error(`${name}: ${found} here, ${peer.check} there`);
  }
  const own = median(run);
  const ratio = peer === undefined ? "-" : (peer.seconds / own).toFixed(1);
  console.log(`${name.padEnd(20)}${milliseconds(own)}  ${milliseconds(peer?.seconds)}  ${ratio.padStart(6)}   ${size}`);
}
const scores = residuals();
console.log(`sorting 10^6 scores (Float64Array.sort)${milliseconds(median(() => scores.slice().sort()))}`);
console.log(`conformalQuantile of 10^6 scores       ${milliseconds(median(() => conformalQuantile(scores, alpha)))}`);
const partition = peers?.results["intervals, np.partition"];
if (partition !== undefined) console.log(`intervals with np.partition            ${milliseconds(partition.seconds)}`);
