import { type HeatMapOptions, heatMap } from "@parsimony/charts";
import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Mask, maskBytes } from "../mask/mask.ts";
import { count, percent } from "./text.ts";

export interface ConnectionsPerInputOptions {
  /** Axis of the inputs. Default 0, as in `[inputs, outputs]`; 1 for `[outputs, inputs]` and kernels of convolutions. */
  readonly axis?: number;
}

/**
 * How many connections of each input survive: the mask of a layer, summed over all axes but one.
 *
 * @param tensor path of the layer's weights, for example `"hidden1.weight"`
 * @throws LotteryError E_MASK when the mask has no such tensor, E_OPTION when the tensor has no such axis
 */
export function connectionsPerInput(mask: Mask, tensor: string, options: ConnectionsPerInputOptions = {}): Uint32Array {
  const { axis = 0 } = options;
  const entry = mask[tensor];
  if (entry === undefined) {
    throw new LotteryError("E_MASK", `connectionsPerInput: the mask has no tensor ${tensor}`, { tensor });
  }
  checkWhole("connectionsPerInput", "axis", axis, 0);
  const size = entry.shape[axis];
  if (size === undefined) {
    throw new LotteryError("E_OPTION", `connectionsPerInput: ${tensor} of shape [${entry.shape}] has no axis ${axis}`);
  }
  const stride = entry.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const counts = new Uint32Array(size);
  maskBytes(entry).forEach((kept, i) => {
    const input = Math.floor(i / stride) % size;
    counts[input] = (counts[input] as number) + kept;
  });
  return counts;
}

export interface InputMapChartOptions extends ConnectionsPerInputOptions, Omit<HeatMapOptions, "columns"> {
  /** Inputs in a row of the picture. Default: the side when their number is a square, as 28 of 784; else all in one row. */
  readonly columns?: number;
}

/**
 * A picture of what a layer still looks at: every input is a cell, its colour the stronger the more of its connections survive. For a layer
 * over images it shows the pixels that matter.
 *
 * @returns one SVG document
 * @throws LotteryError as `connectionsPerInput`; E_OPTION for columns that don't divide the inputs
 */
export function inputMapChart(mask: Mask, tensor: string, options: InputMapChartOptions = {}): string {
  const { axis = 0, ...chart } = options;
  const counts = connectionsPerInput(mask, tensor, { axis });
  const side = Math.sqrt(counts.length);
  const { columns = Number.isInteger(side) ? side : counts.length } = options;
  checkWhole("inputMapChart", "columns", columns, 1);
  if (counts.length % columns > 0) {
    throw new LotteryError("E_OPTION", `inputMapChart: ${columns} columns don't divide ${counts.length} inputs`);
  }
  const used = counts.filter((each) => each > 0).length;
  const total = counts.reduce((sum, each) => sum + each, 0);
  const share = counts.length === 0 ? 0 : used / counts.length;
  return heatMap(counts, {
    title: `Inputs of ${tensor}`,
    label: `surviving connections; ${used} of ${counts.length} inputs are used`,
    description: `${count(total)} connections from ${used} of ${counts.length} inputs (${percent(share)})`,
    ...chart,
    columns,
  });
}
