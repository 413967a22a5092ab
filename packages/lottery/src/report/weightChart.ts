import { type ChartOptions, histogram, histogramChart } from "@parsimony/charts";
import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Named, floatData } from "../base/parameters.ts";
import { type Mask, maskBytes } from "../mask/mask.ts";

/** A mask under the name that it has in a chart. */
export interface NamedMask {
  /** For example "13.5 %". */
  readonly name: string;
  readonly mask: Mask;
}

export interface InitialWeightsChartOptions extends ChartOptions {
  /** Number of bins. Default 40. */
  readonly bins?: number;
  /** Draw densities (area 1), so that few survivors show as much as many? Default true. */
  readonly isDensity?: boolean;
}

/**
 * From which initial weights the survivors come: the histogram of one layer's weights before training, and of those that each mask
 * keeps, over the same bins.
 *
 * @param initial weights at step 0, or at the step that is rewound to
 * @param tensor path of the layer's weights
 * @returns one SVG document
 * @throws LotteryError E_PARAMETERS when there is no such tensor of floats, E_MASK for a mask without it or of another shape,
 *   E_OPTION
 */
export function initialWeightsChart(
  initial: Named,
  masks: readonly NamedMask[],
  tensor: string,
  options: InitialWeightsChartOptions = {},
): string {
  const where = "initialWeightsChart";
  const { bins = 40, isDensity = true, ...chart } = options;
  checkWhole(where, "bins", bins, 1);
  const param = initial[tensor];
  if (param === undefined) {
    throw new LotteryError("E_PARAMETERS", `${where}: there is no tensor ${tensor}`, { tensor });
  }
  const weights = floatData(where, tensor, param);
  const all = histogram(weights, { bins });
  const range = [all.edges[0] as number, all.edges[bins] as number] as const;
  const survivors = masks.map(({ name, mask }) => {
    const entry = mask[tensor];
    if (entry?.shape.join() !== param.shape.join()) {
      const found = entry === undefined ? "does not have it" : `has it as [${entry.shape}], not [${param.shape}]`;
      throw new LotteryError("E_MASK", `${where}: ${tensor}: mask ${name} ${found}`, { tensor });
    }
    const kept = maskBytes(entry);
    const values = weights.filter((_, i) => kept[i] === 1);
    return { name: `${name} kept`, count: values.length, ...histogram(values, { bins, range }) };
  });
  return histogramChart([{ name: "all", ...all }, ...survivors], {
    title: `Initial weights of ${tensor}`,
    description: `${weights.length} weights; kept: ${survivors.map((each) => each.count).join(", ")}`,
    ...chart,
    isDensity,
    x: { label: "weight before training" },
  });
}
