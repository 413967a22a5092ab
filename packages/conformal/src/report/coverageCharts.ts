import {
  bandAxis,
  chart,
  type ChartOptions,
  element,
  frameOf,
  label,
  levelLine,
  linearScale,
  pathThrough,
  shareScale,
  textOf,
  whisker,
  xAxis,
  yAxis,
} from "@parsimony/charts";
import { ConformalError } from "../base/errors.ts";
import { checkAlpha } from "../base/checks.ts";
import type { Group } from "../base/group.ts";
import type { ReliabilityBin } from "../metrics/calibration.ts";
import type { CoverageCurvePoint } from "../metrics/coverageCurve.ts";
import type { GroupCoverage } from "../metrics/proportion.ts";

/** Options of `groupCoverageChart`. */
export interface GroupCoverageChartOptions extends ChartOptions {
  /** Allowed miscoverage: `1 - alpha` is drawn as a dashed line. */
  readonly alpha?: number;
  /** Names of the groups. Default: their `group`, their `from`-`to`, or their position. */
  readonly names?: readonly string[];
  /** Name of the x axis. Default "group". */
  readonly xLabel?: string;
}

/** Any entry of the coverage measures. */
export type ChartedGroup = GroupCoverage & {
  readonly group?: Group;
  readonly from?: number;
  readonly to?: number;
};

/**
 * Coverage of each group as a dot with its confidence interval, against the promise: for `coverageByClass`,
 * `coverageByGroup`, `sizeStratifiedCoverage` and `featureStratifiedCoverage`.
 *
 * @returns one SVG document
 * @throws ConformalError E_ALPHA
 */
export function groupCoverageChart(groups: readonly ChartedGroup[], options: GroupCoverageChartOptions = {}): string {
  const { alpha, names, xLabel = "group", title = "Coverage by group" } = options;
  if (alpha !== undefined) checkAlpha("groupCoverageChart", alpha);
  const frame = frameOf(options);
  const filled = groups.filter(({ count }) => count > 0);
  const promised = alpha === undefined ? 1 : 1 - alpha;
  const y = shareScale(frame, Math.min(promised, ...filled.map(({ lower }) => lower)));
  const nameOf = (group: ChartedGroup, i: number): string => names?.[i] ?? defaultName(group, i);
  const { axis, at, step } = bandAxis(frame, groups.map(nameOf), xLabel);
  const marks = groups.map(({ count, covered, coverage, lower, upper }, i) => {
    const name = nameOf(groups[i] as ChartedGroup, i);
    if (count === 0) return label(at(i), frame.bottom - 8, "–", { class: "pc-quiet", "text-anchor": "middle" });
    const tip = `${name}: ${covered} of ${count}, ${percent(coverage)}, interval ${percent(lower)} to ${percent(upper)}`;
    return element(
      "g",
      {},
      element("title", {}, textOf(tip)),
      whisker(at(i), y.at(lower), y.at(upper), Math.min(4, step / 4)),
      element("circle", { class: "pc-fill1", cx: at(i), cy: y.at(coverage), r: Math.min(4.5, step / 3) }),
    );
  });
  const worst = filled.reduce((least, { coverage }) => Math.min(least, coverage), Infinity);
  const against = alpha === undefined ? "" : `; promised ${percent(1 - alpha)}`;
  const description =
    options.description ??
    (filled.length === 0
      ? "no examples"
      : `${filled.length} groups, the least coverage is ${percent(worst)}${against}`);
  return chart(
    frame,
    { title, description, legend: legendOf("coverage, with its confidence interval", alpha) },
    yAxis(frame, y, "coverage"),
    axis,
    alpha === undefined ? "" : levelLine(frame, y.at(1 - alpha)),
    ...marks,
  );
}

/**
 * Confidence asked for against coverage observed, with the confidence intervals as a band; the dashed diagonal is the
 * promise.
 *
 * @param points what `coverageCurve` gave, in any order
 * @returns one SVG document
 */
export function coverageCurveChart(points: readonly CoverageCurvePoint[], options: ChartOptions = {}): string {
  const { title = "Coverage at every level" } = options;
  const frame = frameOf({ height: 340, ...options });
  const sorted = points.toSorted((a, b) => b.alpha - a.alpha);
  const x = linearScale([0, 1], [frame.left, frame.right], { format: "percent" });
  const y = linearScale([0, 1], [frame.bottom, frame.top], { format: "percent" });
  const along = (of: (point: CoverageCurvePoint) => number): [number, number][] =>
    sorted.map((point) => [x.at(1 - point.alpha), y.at(of(point))]);
  const band = [...along(({ lower }) => lower), ...along(({ upper }) => upper).reverse()];
  const below = sorted.filter(({ alpha, upper }) => upper < 1 - alpha).length;
  const description =
    options.description ?? `${points.length} levels; at ${below} of them the interval lies below the promise`;
  const legend = [...legendOf("observed", undefined), { name: "promised", line: "pc-promise" }];
  return chart(
    frame,
    { title, description, legend },
    yAxis(frame, y, "observed coverage"),
    xAxis(frame, x, "confidence asked for"),
    sorted.length === 0
      ? ""
      : element("path", { class: "pc-fill1", "fill-opacity": "0.18", d: `${pathThrough(band)}Z` }),
    element("path", {
      class: "pc-promise",
      d: pathThrough([
        [x.at(0), y.at(0)],
        [x.at(1), y.at(1)],
      ]),
    }),
    sorted.length === 0
      ? ""
      : element("path", { class: "pc-line1", d: pathThrough(along(({ coverage }) => coverage)) }),
  );
}

/**
 * A reliability diagram: mean confidence of each bin against how often the event came true, with confidence intervals;
 * bars at the bottom show how many examples a bin has. The dashed diagonal is perfect calibration.
 *
 * @param bins what `reliabilityBins` gave
 * @returns one SVG document
 */
export function reliabilityChart(bins: readonly ReliabilityBin[], options: ChartOptions = {}): string {
  const { title = "Are probabilities right?" } = options;
  const frame = frameOf({ height: 340, ...options });
  const x = linearScale([0, 1], [frame.left, frame.right], { format: "percent" });
  const y = linearScale([0, 1], [frame.bottom, frame.top], { format: "percent" });
  const most = bins.reduce((largest, { count }) => Math.max(largest, count), 1);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const filled = bins.filter(({ count }) => count > 0);
  const bars = bins.map(({ from, to, count }) => {
    const height = (count / most) * 0.22 * (frame.bottom - frame.top);
    const width = Math.max(0, x.at(to) - x.at(from) - 2);
    return element("rect", {
      class: "pc-fill1",
      "fill-opacity": "0.16",
      x: x.at(from) + 1,
      y: frame.bottom - height,
      width,
      height,
    });
  });
  const marks = filled.map(({ confidence, frequency, lower, upper, count }) =>
    element(
      "g",
      {},
      element(
        "title",
        {},
        textOf(`${count} examples: confidence ${percent(confidence)}, came true ${percent(frequency)}`),
      ),
      whisker(x.at(confidence), y.at(lower), y.at(upper)),
      element("circle", { class: "pc-fill1", cx: x.at(confidence), cy: y.at(frequency), r: 4 }),
    ),
  );
  const legend = [
    ...legendOf("observed, with its confidence interval", undefined),
    { name: "perfect", line: "pc-promise" },
  ];
  return chart(
    frame,
    { title, description: options.description ?? `${total} examples in ${filled.length} bins`, legend },
    yAxis(frame, y, "came true"),
    xAxis(frame, x, "predicted probability"),
    ...bars,
    element("path", {
      class: "pc-promise",
      d: pathThrough([
        [x.at(0), y.at(0)],
        [x.at(1), y.at(1)],
      ]),
    }),
    ...marks,
  );
}

/**
 * How many sets have each size, as bars.
 *
 * @param counts what `setSizes` gave; trailing sizes without sets are left out
 * @returns one SVG document
 * @throws ConformalError E_RANGE for a count that is negative or infinite, E_NAN
 */
export function setSizeChart(counts: readonly number[], options: ChartOptions = {}): string {
  const { title = "Sizes of the sets" } = options;
  counts.forEach((count, i) => {
    if (!(count >= 0 && count < Infinity)) {
      throw new ConformalError(Number.isNaN(count) ? "E_NAN" : "E_RANGE", `setSizeChart: counts[${i}] is ${count}`, i);
    }
  });
  const frame = frameOf(options);
  const last = counts.findLastIndex((count) => count > 0);
  const shown = counts.slice(0, Math.max(last + 1, 1));
  const total = shown.reduce((sum, count) => sum + count, 0);
  const largest = shown.reduce((most, count) => Math.max(most, count), 0);
  const y = linearScale([0, Math.max(1, largest)], [frame.bottom, frame.top]);
  const { axis, at, step } = bandAxis(
    frame,
    shown.map((_, size) => String(size)),
    "labels in the set",
  );
  const bars = shown.map((count, size) => {
    const width = Math.max(0.5, 0.72 * step);
    const top = y.at(count);
    const share = total === 0 ? "" : ` (${percent(count / total)})`;
    return element(
      "g",
      {},
      element("title", {}, textOf(`${count} sets with ${size} labels${share}`)),
      element("rect", { class: "pc-fill1", x: at(size) - width / 2, y: top, width, height: frame.bottom - top }),
      step < 34
        ? ""
        : label(at(size), Math.max(frame.top, top - 5), y.print(count), { class: "pc-quiet", "text-anchor": "middle" }),
    );
  });
  const labels = shown.reduce((sum, count, size) => sum + count * size, 0);
  const description =
    options.description ?? `${total} sets${total === 0 ? "" : `, ${(labels / total).toFixed(2)} labels on average`}`;
  return chart(frame, { title, description }, yAxis(frame, y, "sets"), axis, ...bars);
}

function legendOf(name: string, alpha: number | undefined): { name: string; line?: string; dot?: string }[] {
  const observed = { name, dot: "pc-fill1" };
  return alpha === undefined ? [observed] : [observed, { name: `promised ${percent(1 - alpha)}`, line: "pc-promise" }];
}

function defaultName({ group, from, to }: ChartedGroup, i: number): string {
  if (group !== undefined) return String(group);
  if (from === undefined || to === undefined) return String(i);
  return from === to ? short(from) : `${short(from)}–${short(to)}`;
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : value > 0 ? "∞" : "-∞";
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
