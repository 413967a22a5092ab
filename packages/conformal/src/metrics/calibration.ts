import { checkLabels, checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type ProbabilityMatrix, readRows } from "../base/matrix.ts";
import { type ProportionOptions, proportion } from "./proportion.ts";

/** The examples whose confidence lies within `from..to`. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence of the bin; NaN without examples. */
  readonly confidence: number;
  /** Share of the bin's examples where the outcome came true; NaN without examples. */
  readonly frequency: number;
  /** Ends of the Clopper-Pearson interval for the frequency. */
  readonly lower: number;
  readonly upper: number;
}

/** Options of `reliabilityBins`. */
export interface ReliabilityBinsOptions extends ProportionOptions {
  /** Number of bins of equal width. Default 10. */
  readonly bins?: number;
}

/**
 * A reliability diagram as data: predicted probabilities against how often the event came true, in bins of equal width
 * over [0, 1]. Each bin holds its lower end, the last one both ends.
 *
 * @param confidences predicted probabilities of an event `[n]`, in [0, 1]
 * @param outcomes 1 (or true) where the event came true, 0 (or false) elsewhere `[n]`
 * @throws ConformalError E_LENGTH, E_NAN, E_ALPHA; E_RANGE for a probability or an outcome out of its domain
 * @see DeGroot, Fienberg, The comparison and evaluation of forecasters (1983)
 */
export function reliabilityBins(
  confidences: ArrayLike<number>,
  outcomes: ArrayLike<number | boolean>,
  options: ReliabilityBinsOptions = {},
): ReliabilityBin[] {
  const where = "reliabilityBins";
  const { bins = 10, confidence = 0.95 } = options;
  checkWhole(where, "bins", bins, 1);
  checkLength(where, "outcomes", outcomes.length, confidences.length);
  const counts = new Float64Array(bins);
  const hits = new Float64Array(bins);
  const sums = new Float64Array(bins);
  for (let i = 0; i < confidences.length; i++) {
    const p = confidences[i] as number;
    const outcome = Number(outcomes[i]);
    if (!(p >= 0 && p <= 1)) {
      const code = Number.isNaN(p) ? "E_NAN" : "E_RANGE";
      throw new ConformalError(code, `${where}: confidences[${i}] must be in [0, 1], got ${p}`, i);
    }
    if (outcome !== 0 && outcome !== 1) {
      throw new ConformalError("E_RANGE", `${where}: outcomes[${i}] must be 0 or 1, got ${outcomes[i]}`, i);
    }
    const bin = binOf(p, bins);
    counts[bin] = (counts[bin] as number) + 1;
    hits[bin] = (hits[bin] as number) + outcome;
    sums[bin] = (sums[bin] as number) + p;
  }
  return Array.from(counts, (count, bin) => {
    const { coverage, lower, upper } = proportion(where, hits[bin] as number, count, confidence);
    const mean = (sums[bin] as number) / count;
    return { from: bin / bins, to: (bin + 1) / bins, count, confidence: mean, frequency: coverage, lower, upper };
  });
}

/** The bin whose ends, as printed (`bin / bins`), hold p. */
function binOf(p: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.floor(p * bins));
  if (bin + 1 < bins && p >= (bin + 1) / bins) bin++;
  if (p < bin / bins) bin--;
  return bin;
}

/** How far confidences are from frequencies. */
export interface CalibrationError {
  /** Expected calibration error (ECE): the mean of `|confidence - frequency|` over the examples. */
  readonly expected: number;
  /** Maximum calibration error (MCE): the largest of a bin with examples. */
  readonly maximum: number;
}

/**
 * The expected and the maximum calibration error of reliability bins. Estimates of this kind are biased: bins hide
 * errors that cancel within them, and scatter makes the value positive for perfect probabilities.
 *
 * @throws ConformalError E_RANGE when no bin has examples
 * @see Naeini, Cooper, Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning (2015); Guo et al.,
 *   On calibration of modern neural networks (2017)
 */
export function calibrationError(bins: readonly ReliabilityBin[]): CalibrationError {
  let total = 0;
  let sum = 0;
  let maximum = 0;
  for (const { count, confidence, frequency } of bins) {
    if (count === 0) continue;
    const gap = Math.abs(confidence - frequency);
    total += count;
    sum += count * gap;
    maximum = Math.max(maximum, gap);
  }
  if (total === 0) throw new ConformalError("E_RANGE", "calibrationError: needs at least one example, got none");
  return { expected: sum / total, maximum };
}

/** The most probable label of each row, as `reliabilityBins` takes it. */
export interface TopLabels {
  /** Probability of the most probable label, the first of equal ones `[n]`. */
  readonly confidences: Float64Array;
  /** 1 where it is the true label `[n]`. */
  readonly outcomes: Uint8Array;
}

/** Options of `topLabels`. */
export interface TopLabelsOptions {
  /** Divide every row by its sum, in place of an error when it isn't 1. Default false. */
  readonly normalize?: boolean;
}

/**
 * The confidence of each row's most probable label, and whether that label is right.
 *
 * @param matrix rows of class probabilities `[n, classes]`
 * @param labels true classes `[n]`
 * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
 */
export function topLabels(
  matrix: ProbabilityMatrix,
  labels: ArrayLike<number>,
  options: TopLabelsOptions = {},
): TopLabels {
  const rows = readRows(matrix, { where: "topLabels", normalize: options.normalize ?? false });
  checkLength("topLabels", "labels", labels.length, rows.length);
  checkLabels("topLabels", labels, rows[0]?.length ?? 0);
  const best = rows.map((row) => row.reduce((top, p, label) => (p > (row[top] as number) ? label : top), 0));
  return {
    confidences: Float64Array.from(rows, (row, i) => row[best[i] as number] as number),
    outcomes: Uint8Array.from(best, (label, i) => (label === labels[i] ? 1 : 0)),
  };
}
