import { add, concat, maximum, minimum, mul, sub } from "../../../ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import type { LayerReader } from "../layer.ts";
import { alike } from "../value.ts";

/** All inputs, cell by cell, from the first to the last. */
function folding(fold: (a: Tensor, b: Tensor) => Tensor): LayerReader {
  return (layer) => {
    if (layer.inputs.length < 2) layer.fail(`expected two inputs or more, got ${layer.inputs.length}`);
    const { tensors, moved } = alike(layer.inputs);
    if (new Set(tensors.map(({ rank }) => rank)).size > 1) layer.refuse("inputs of different ranks");
    return { tensor: tensors.reduce(fold), moved };
  };
}

/** Where the axes of an image with channels last stand when channels come first. */
const movedAxes: readonly number[] = [0, 2, 3, 1];

const concatenate: LayerReader = (layer) => {
  if (layer.inputs.length === 0) layer.fail("no inputs");
  const { tensors, moved } = alike(layer.inputs);
  const rank = (tensors[0] as Tensor).rank;
  const axis = layer.config.optional("axis")?.number() ?? -1;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) layer.fail(`no axis ${axis} of ${rank}`);
  const own = axis < 0 ? axis + rank : axis;
  return { tensor: concat(tensors, moved ? (movedAxes[own] as number) : own), moved };
};

export const mergings: Readonly<Record<string, LayerReader>> = {
  Add: folding(add),
  Subtract: folding(sub),
  Multiply: folding(mul),
  Maximum: folding(maximum),
  Minimum: folding(minimum),
  Concatenate: concatenate,
};
