import { type ChartOptions, lineChart } from "@parsimony/charts";
import { LotteryError } from "../base/errors.ts";
import { sortedNames } from "../base/parameters.ts";

/** What a level keeps: of the whole net and of each tensor. `MaskDensity` has this form, and so has each level of a report. */
export interface LayerDensities {
  readonly density: {
    readonly density: number;
    readonly tensors: Readonly<Record<string, { readonly density: number }>>;
  };
}

export interface LayerDensityChartOptions extends ChartOptions {
  /** Order of the layers in the legend, and which ones are shown. Default: all, by name; at most 12. */
  readonly tensors?: readonly string[];
}

/**
 * Density of each layer, level by level: layer-wise rates give parallel lines, a global threshold shows the layers that it empties
 * first. Layers without survivors are left out, as the axis is logarithmic.
 *
 * @returns one SVG document
 * @throws LotteryError E_OPTION for a tensor that a level does not have, or more than 12
 */
export function layerDensityChart(levels: readonly LayerDensities[], options: LayerDensityChartOptions = {}): string {
  const where = "layerDensityChart";
  const { tensors = sortedNames(levels[0]?.density.tensors ?? {}).slice(0, 12), title = "Density of each layer" } =
    options;
  if (tensors.length > 12) {
    throw new LotteryError("E_OPTION", `${where}: shows at most 12 tensors, got ${tensors.length}; name fewer`);
  }
  const series = tensors.map((name) => ({
    name,
    markers: true,
    y: levels.map(({ density }, level) => {
      const found = density.tensors[name];
      if (found === undefined) throw new LotteryError("E_OPTION", `${where}: level ${level} has no tensor ${name}`);
      return found.density > 0 ? found.density : Number.NaN;
    }),
  }));
  return lineChart(series, {
    description: `${levels.length} levels of ${tensors.length} layers`,
    ...options,
    title,
    x: { label: "level (prunings)" },
    y: { label: "weights remaining", scale: "log", format: "percent" },
  });
}
