import type { BinaryFunction, Conv2d, UnaryFunction, Window } from "../../../src/network/layer.ts";
import type { CellType, Network } from "../../../src/network/network.ts";
import {
  additionRequantization,
  multiplicationRequantization,
  sumRequantization,
} from "../../../src/network/quantization.ts";
import { networkFromRecipe } from "../../../src/testing/build.ts";
import { NetworkDraft } from "../../../src/testing/draft.ts";
import type { BlockRecipe, WindowRecipe } from "../../../src/testing/recipe.ts";

const window = (kernel: number, stride: number): WindowRecipe => ({
  kernel: [kernel, kernel],
  strides: [stride, stride],
  dilations: [1, 1],
  padding: "same",
});

/** A MobileNet: inverted residual blocks, three times half the size, one vector in the end. Random weights. */
export function smallMobileNet(type: CellType, size = 48): Network {
  const residual: BlockRecipe = { block: "residual", expand: true, kernel: 3 };
  const down = (channels: number): BlockRecipe[] => [
    { block: "depthwise", multiplier: 1, relu: true, ...window(3, 2) },
    { block: "conv", channels, grouped: false, relu: false, ...window(1, 1) },
  ];
  return networkFromRecipe({
    type,
    height: size,
    width: size,
    channels: 3,
    blocks: [
      { block: "conv", channels: 8, grouped: false, relu: true, ...window(3, 2) },
      residual,
      ...down(16),
      residual,
      residual,
      ...down(24),
      residual,
      { block: "conv", channels: 48, grouped: false, relu: true, ...window(1, 1) },
      { block: "globalPool", fn: "mean" },
      { block: "dense", channels: 10 },
    ],
    floatPorts: false,
    secondOutput: 0,
    seed: 11,
  });
}

/** Every binary and unary function, kind of pooling and order of blocks that random networks leave out. */
export function rareLayers(type: CellType): Network {
  const draft = new NetworkDraft(type, 3);
  const real = type === "float32";
  const { scale } = draft.quantization;
  const size = [6, 8, 4] as const;
  const input = draft.input(size);
  const common = { clamp: draft.clamp() };
  let last = input;
  const unary: readonly UnaryFunction[] = [
    "clamp",
    "neg",
    "tanh",
    "exp",
    "sqrt",
    "log",
    "silu",
    "softplus",
    "square",
    "floor",
    "sigmoid",
  ];
  // From map to map: log has positive numbers, floor has fractions.
  for (const fn of real ? unary : []) last = draft.add({ kind: "unary", fn, ...common }, [last], size);
  const functions: readonly BinaryFunction[] = real
    ? ["minimum", "rdiv", "maximum", "div", "rsub", "sub"]
    : ["minimum", "rsub", "mul", "sub", "maximum"];
  for (const fn of functions) {
    const rule = fn === "mul" ? multiplicationRequantization : additionRequantization;
    const requantization = real ? {} : { requantization: rule(scale, scale, scale) };
    last = draft.add({ kind: "binary", fn, ...common, ...requantization }, [last, input], size);
  }
  last = draft.add({ kind: "spaceToDepth", block: 2, order: "crd" }, [last], [3, 4, 16]);
  last = draft.add({ kind: "depthToSpace", block: 2, order: "crd" }, [last], size);
  last = draft.add({ kind: "slice", starts: [0, 1, 1], steps: [2, 1, 2] }, [last], [3, 7, 2]);
  last = draft.add({ kind: "pad", before: [1, 0, 2], after: [0, 2, 1], value: real ? -0.5 : 3 }, [last], [4, 9, 5]);
  last = draft.add({ kind: "transpose", permutation: [2, 1, 0] }, [last], [5, 9, 4]);
  const sum = real ? {} : { requantization: sumRequantization(scale, scale) };
  const total = draft.add({ kind: "globalPool", fn: "sum", ...common, ...sum }, [last], [1, 1, 4]);
  const most = draft.add({ kind: "globalPool", fn: "max", ...common }, [last], [1, 1, 4]);
  return draft.finish(`rare ${type}`, [input], [last, total, most]);
}

/** Constants as operands, one for all cells and one per channel; no layer has two inputs. */
export function constantOperands(type: CellType): Network {
  const draft = new NetworkDraft(type, 5);
  const { scale, zeroPoint } = draft.quantization;
  const size = [3, 5, 3] as const;
  const input = draft.input(size);
  const operand = (fn: "add" | "mul" | "rsub", values: readonly number[], map: string): string => {
    const rule = fn === "mul" ? multiplicationRequantization : additionRequantization;
    const layer = { kind: "binary", fn, clamp: draft.clamp() } as const;
    if (type === "float32") return draft.add({ ...layer, constant: Float32Array.from(values) }, [map], size);
    const codes = {
      constant: Int8Array.from(values, (value) => 40 * value),
      constantScale: scale,
      constantZeroPoint: zeroPoint,
    };
    return draft.add({ ...layer, ...codes, requantization: rule(scale, scale, scale) }, [map], size);
  };
  const last = operand("rsub", [1], operand("mul", [0.5, -2, 3], operand("add", [0.25, 1, -1], input)));
  return draft.finish(`constants ${type}`, [input], [last]);
}

/** Two convolutions over 16 numbers: strides 2 and 1, each with padding of its own. */
export function twoConvolutions(): Network {
  const layer = (
    weights: readonly number[],
    bias: number,
    stride: number,
    pads: readonly [number, number],
  ): Omit<Conv2d, "name" | "inputs" | "output"> => {
    const across: Window = {
      kernel: [1, 3],
      strides: [1, stride],
      dilations: [1, 1],
      padBefore: [0, pads[0]],
      padAfter: [0, pads[1]],
    };
    const clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    return {
      kind: "conv2d",
      groups: 1,
      weights: Float32Array.from(weights),
      bias: Float32Array.of(bias),
      clamp,
      ...across,
    };
  };
  const draft = new NetworkDraft("float32", 1);
  const input = draft.input([1, 16, 1]);
  const middle = draft.add(layer([1, -2, 1], 1, 2, [0, 1]), [input], [1, 8, 1]);
  return draft.finish("two convolutions", [input], [draft.add(layer([0.5, 1, -1], 0, 1, [1, 1]), [middle], [1, 8, 1])]);
}
