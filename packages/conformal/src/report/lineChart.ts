import { ChartError, type ChartOptions, lineChart as drawLines } from "@parsimony/charts";
import { ConformalError } from "../base/errors.ts";

/** One line of a `lineChart`. */
export interface LineSeries {
  readonly name?: string;
  /** Default: 0, 1, 2, ... */
  readonly x?: ArrayLike<number>;
  /** Points whose value is not finite are left out, and the line goes on after them. */
  readonly y: ArrayLike<number>;
  /** Ends of a band around the line. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  /** Go level from point to point, as thresholds do. Default false. */
  readonly step?: boolean;
}

/** Options of `lineChart`. */
export interface LineChartOptions extends ChartOptions {
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** A logarithmic y axis; values must be positive. Default false. */
  readonly log?: boolean;
}

/**
 * One or two lines, with bands where given: losses, thresholds over time, widths. `lineChart` of `@parsimony/charts` draws more
 * of them, and has more axes.
 *
 * @returns one SVG document
 * @throws ConformalError E_RANGE for more than two lines, or values that a logarithmic axis can't show; E_LENGTH
 */
export function lineChart(series: readonly LineSeries[], options: LineChartOptions = {}): string {
  const { xLabel, yLabel, log = false, ...chartOptions } = options;
  if (series.length > 2) throw new ConformalError("E_RANGE", "lineChart: shows at most two lines; make another chart");
  try {
    return drawLines(series, {
      ...chartOptions,
      x: xLabel === undefined ? {} : { label: xLabel },
      y: { ...(yLabel === undefined ? {} : { label: yLabel }), scale: log ? "log" : "linear" },
    });
  } catch (error) {
    if (error instanceof ChartError) throw new ConformalError(error.code, error.message, error.index);
    throw error;
  }
}
