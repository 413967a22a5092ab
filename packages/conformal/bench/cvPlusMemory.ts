// Memory of CV+ with 100,000 points, 10 folds and 1,000 new rows: what it holds at most beyond the calibrated predictor.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/bench/cvPlusMemory.ts
import { cvPlus, uniformStream } from "@parsimony/conformal";

const uniform = uniformStream(1);
const rows = Array.from({ length: 100_000 }, uniform);
const targets = rows.map((x) => x + uniform());
const fit = (_: readonly number[], y: Float64Array) => {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  return (x: number) => mean + x;
};

const mebibytes = () => process.resourceUsage().maxRSS / 1024;
const predictor = cvPlus({ fit, alpha: 0.1 }).calibrate(rows, targets);
const before = mebibytes();
const start = performance.now();
const intervals = predictor.predictIntervals(rows.slice(0, 1000));
const each = (performance.now() - start) / intervals.length;
const grown = (mebibytes() - before).toFixed(0);
console.log(`${intervals.length} intervals, ${each.toFixed(1)} ms each, peak memory up by ${grown} MiB`);
