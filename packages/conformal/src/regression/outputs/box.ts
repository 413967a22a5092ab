import { containing } from "../../base/containing.ts";
import { checkWhole } from "../../base/checks.ts";
import { type OutputRegion, type OutputScore, readScales } from "./score.ts";

/**
 * Boxes by the largest error over scale: the score is `max_j |y_j - mu_j| / scale_j`, one threshold serves all outputs,
 * and sides are in proportion to the scales. Tighter than `bonferroniBox` where errors go together, and needs no more
 * calibration points than a single output.
 *
 * @param scales typical error of each output `[d]`, > 0, from other data than the calibration points (`residualScales`)
 * @throws ConformalError E_SIGMA, E_RANGE
 */
export function maxBox(scales: ArrayLike<number>): OutputScore {
  const kept = readScales("maxBox", scales);
  return Object.freeze<OutputScore>({
    name: `max-box ${kept.join(" ")}`,
    outputs: kept.length,
    thresholds: 1,
    scores: (prediction, y) => {
      let most = 0;
      for (let j = 0; j < kept.length; j++) {
        most = Math.max(most, within(prediction[j] as number, y[j] as number, kept[j] as number));
      }
      return [most];
    },
    bounds: (prediction, thresholds) =>
      boxOf(
        prediction,
        kept.map((scale) => scale * (thresholds[0] as number)),
      ),
  });
}

/**
 * Boxes by the union bound: a threshold for each output at alpha / d. Needs no scales, and d times the calibration
 * points for finite sides.
 *
 * @param outputs number of outputs d, >= 1
 * @throws ConformalError E_RANGE
 */
export function bonferroniBox(outputs: number): OutputScore {
  checkWhole("bonferroniBox", "outputs", outputs, 1);
  return Object.freeze<OutputScore>({
    name: `bonferroni-box ${outputs}`,
    outputs,
    thresholds: outputs,
    scores: (prediction, y) => y.map((value, j) => within(prediction[j] as number, value, 1)),
    bounds: (prediction, thresholds) => boxOf(prediction, Float64Array.from(thresholds)),
  });
}

/** The least multiple of a scale to put around `center` that holds `y`, also after rounding. */
function within(center: number, y: number, scale: number): number {
  return containing(
    Math.abs(y - center) / scale,
    (q) => q === Infinity || (center - scale * q <= y && y <= center + scale * q),
  );
}

function boxOf(center: Float64Array, halves: Float64Array): Omit<OutputRegion, "contains"> {
  return {
    lower: center.map((value, j) => value - (halves[j] as number)),
    upper: center.map((value, j) => value + (halves[j] as number)),
    volume: halves.reduce((product, half) => product * 2 * half, 1),
  };
}
