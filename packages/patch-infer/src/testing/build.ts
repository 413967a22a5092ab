import type { Window } from "../network/layer.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { leakyReluTable, meanRequantization, unaryTable } from "../network/quantization.ts";
import { NetworkDraft, placeWindow, resizeAxis } from "./draft.ts";
import { binaryScales, codeFunctions, products } from "./numbers.ts";
import type { BlockRecipe, NetworkRecipe } from "./recipe.ts";

type BlockOf<Kind extends BlockRecipe["block"]> = Extract<BlockRecipe, { readonly block: Kind }>;

/** The network of a recipe. Blocks that do not fit are left out; if none is left, one layer remains. */
export function networkFromRecipe(recipe: NetworkRecipe): Network {
  const { type, height, width, channels, blocks, end, floatPorts, secondOutput, seed } = recipe;
  const draft = new NetworkDraft(type, seed);
  const floats = floatPorts && type === "int8";
  const input = draft.input([height, width, channels], floats ? "float32" : type);
  const inputs = [input];
  const own = floats ? draft.add({ kind: "convert" }, [input], [height, width, channels]) : input;
  const joins = recipe.secondInput === true ? (seed % 2 === 0 ? "before" : "after") : "never";
  const first = joins === "before" ? withSecondInput(draft, own, inputs, floats) : own;
  let last = blocks.reduce((map, block) => applyBlock(draft, map, block), first);
  if (end !== undefined && last !== input) last = applyBlock(draft, last, { block: "globalPool", fn: end });
  if (last === input) last = applyBlock(draft, last, { block: "unary", fn: "abs" });
  if (joins === "after") last = withSecondInput(draft, last, inputs, floats);
  const other =
    secondOutput === 0 ? undefined : draft.last(secondOutput, ({ name }) => name !== first || first === input);
  if (floats) {
    const map = draft.map(last);
    last = draft.add({ kind: "convert" }, [last], [map.height, map.width, map.channels], "float32");
  }
  return draft.finish(`random${seed}`, inputs, other === undefined ? [last] : [last, other]);
}

/** The map plus another input of its size. */
function withSecondInput(draft: NetworkDraft, map: string, inputs: string[], floats: boolean): string {
  const { height, width, channels } = draft.map(map);
  const second = draft.input([height, width, channels], floats ? "float32" : draft.type);
  inputs.push(second);
  const read = floats ? draft.add({ kind: "convert" }, [second], [height, width, channels]) : second;
  return binary(draft, "add", map, read);
}

function applyBlock<Kind extends BlockRecipe["block"]>(draft: NetworkDraft, map: string, block: BlockOf<Kind>): string {
  // The table's row for a kind takes blocks of that kind.
  const apply = table[block.block as Kind] as unknown as (
    draft: NetworkDraft,
    map: string,
    block: BlockRecipe,
  ) => string;
  return apply(draft, map, block);
}

/** How each block is written; gives its map, or the one that it was given when the block does not fit. */
const table: {
  readonly [Kind in BlockRecipe["block"]]: (draft: NetworkDraft, map: string, block: BlockOf<Kind>) => string;
} = {
  conv: (draft, map, block) => {
    const { height, width, channels } = draft.map(map);
    const placed = placeWindow(block, height, width, (extent) => extent);
    if (placed === undefined) return map;
    const groups = block.grouped && channels % 2 === 0 && block.channels % 2 === 0 ? 2 : 1;
    const taps = block.kernel[0] * block.kernel[1] * (channels / groups);
    const more = { kind: "conv2d", groups, clamp: draft.clamp(block.relu) } as const;
    const layer = { ...more, ...placed.window, ...products(draft, block.channels * taps, taps, block.channels) };
    return draft.add(layer, [map], [...placed.size, block.channels]);
  },
  depthwise: (draft, map, block) => {
    const { height, width, channels } = draft.map(map);
    const placed = placeWindow(block, height, width, (extent) => extent);
    if (placed === undefined) return map;
    const taps = block.kernel[0] * block.kernel[1];
    const outputs = channels * block.multiplier;
    const more = {
      kind: "depthwiseConv2d",
      depthMultiplier: block.multiplier,
      clamp: draft.clamp(block.relu),
    } as const;
    const layer = { ...more, ...placed.window, ...products(draft, taps * outputs, taps, outputs) };
    return draft.add(layer, [map], [...placed.size, outputs]);
  },
  transposed: (draft, map, block) => {
    const { height, width, channels } = draft.map(map);
    const { kernel, strides, dilations } = block;
    const size: [number, number] = [0, 0];
    const before: [number, number] = [0, 0];
    for (const axis of [0, 1] as const) {
      const extent = (kernel[axis] - 1) * dilations[axis] + 1;
      before[axis] = block.padding === "same" ? extent >> 1 : 0;
      size[axis] = ((axis === 0 ? height : width) - 1) * strides[axis] + extent - before[axis];
    }
    if (size[0] < 1 || size[1] < 1 || size[0] > 48 || size[1] > 48) return map;
    const taps = kernel[0] * kernel[1] * channels;
    const window: Window = { kernel, strides, dilations, padBefore: before, padAfter: [0, 0] };
    const more = { kind: "convTranspose2d", groups: 1, clamp: draft.clamp() } as const;
    const layer = { ...more, ...window, ...products(draft, taps * block.channels, taps, block.channels) };
    return draft.add(layer, [map], [...size, block.channels]);
  },
  maxPool: (draft, map, block) => pool(draft, map, block, { kind: "maxPool2d" }),
  averagePool: (draft, map, block) =>
    pool(draft, map, block, { kind: "averagePool2d", countIncludePad: block.countIncludePad }),
  residual: (draft, map, { expand, kernel }) => {
    const { channels } = draft.map(map);
    const point = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padding: "same" } as const;
    const conv = { block: "conv", grouped: false, ...point } as const;
    const wide = expand ? table.conv(draft, map, { ...conv, channels: 2 * channels, relu: true }) : map;
    const window = { ...point, kernel: [kernel, kernel] } as const;
    const spread = table.depthwise(draft, wide, { block: "depthwise", multiplier: 1, relu: true, ...window });
    const narrow = table.conv(draft, spread, { ...conv, channels, relu: false });
    return binary(draft, "add", narrow, map);
  },
  binary: (draft, map, { fn, back }) => {
    const { height, width, channels } = draft.map(map);
    const fits = (other: FeatureMap): boolean =>
      other.height === height && other.width === width && other.channels === channels && other.type === draft.type;
    return binary(draft, fn, map, draft.last(back, fits) ?? map);
  },
  constant: (draft, map, { fn, perChannel }) => {
    const { height, width, channels } = draft.map(map);
    const { scale, zeroPoint } = draft.quantization;
    const count = perChannel ? channels : 1;
    const constant =
      draft.type === "float32"
        ? Float32Array.from({ length: count }, () => 2 * draft.uniform() - 1)
        : Int8Array.from({ length: count }, () => Math.floor(256 * draft.uniform()) - 128);
    const more = draft.type === "float32" ? {} : { constantScale: scale, constantZeroPoint: zeroPoint };
    const common = { kind: "binary", fn, constant, clamp: draft.clamp(), ...more, ...binaryScales(draft, fn) } as const;
    return draft.add(common, [map], [height, width, channels]);
  },
  concat: (draft, map, { axis, back }) => {
    const own = draft.map(map);
    const sizes = ({ height, width, channels }: FeatureMap): number[] => [height, width, channels];
    const fits = (other: FeatureMap): boolean =>
      other.type === draft.type && sizes(other).every((size, i) => i === axis || size === sizes(own)[i]);
    const other = draft.last(back, fits) ?? map;
    const size = sizes(own).map((length, i) => (i === axis ? length + (sizes(draft.map(other))[i] as number) : length));
    const [height, width, channels] = size as [number, number, number];
    if (height > 48 || width > 48 || channels > 24) return map;
    return draft.add({ kind: "concat", axis }, [map, other], [height, width, channels]);
  },
  unary: (draft, map, { fn }) => {
    const { height, width, channels } = draft.map(map);
    const clamp = fn === "clamp" && draft.type === "float32" ? { min: -0.5, max: 1 } : draft.clamp();
    const slope = Float32Array.from({ length: channels }, () => 0.5 * draft.uniform());
    const { quantization } = draft;
    const tabled =
      fn === "leakyRelu"
        ? leakyReluTable(slope, quantization, quantization)
        : unaryTable((value) => codeFunctions[fn](value), quantization, quantization);
    const layer = {
      kind: "unary" as const,
      fn,
      clamp,
      ...(fn === "leakyRelu" && draft.type === "float32" ? { slope } : {}),
      ...(draft.type === "int8" ? { table: tabled } : {}),
    };
    return draft.add(layer, [map], [height, width, channels]);
  },
  resize: (draft, map, { mode, factors }) => {
    const { height, width, channels } = draft.map(map);
    const size = [Math.max(1, Math.floor(height * factors[0])), Math.max(1, Math.floor(width * factors[1]))] as const;
    if (size[0] > 48 || size[1] > 48) return map;
    const rows = resizeAxis(height, size[0], mode, draft.type);
    const columns = resizeAxis(width, size[1], mode, draft.type);
    return draft.add({ kind: "resize2d", mode, rows, columns }, [map], [...size, channels]);
  },
  pad: (draft, map, { sides, channels: more }) => {
    const { height, width, channels } = draft.map(map);
    const [above, left, below, right] = sides;
    const value = draft.type === "float32" ? 0.25 : draft.quantization.zeroPoint;
    const size = [height + above + below, width + left + right, channels + more] as const;
    return draft.add({ kind: "pad", before: [above, left, 0], after: [below, right, more], value }, [map], size);
  },
  slice: (draft, map, { starts, steps }) => {
    const { height, width, channels } = draft.map(map);
    const rows = Math.ceil((height - starts[0]) / steps[0]);
    const columns = Math.ceil((width - starts[1]) / steps[1]);
    if (rows < 1 || columns < 1) return map;
    return draft.add({ kind: "slice", starts: [...starts, 0], steps: [...steps, 1] }, [map], [rows, columns, channels]);
  },
  depthToSpace: (draft, map, { block: kind, order }) => {
    const { height, width, channels } = draft.map(map);
    if (kind === "depthToSpace") {
      if (channels % 4 !== 0 || height > 24 || width > 24) return map;
      return draft.add({ kind, block: 2, order }, [map], [2 * height, 2 * width, channels / 4]);
    }
    return map;
  },
  spaceToDepth: (draft, map, { order }) => {
    const { height, width, channels } = draft.map(map);
    if (height % 2 !== 0 || width % 2 !== 0 || channels > 6) return map;
    return draft.add({ kind: "spaceToDepth", block: 2, order }, [map], [height / 2, width / 2, 4 * channels]);
  },
  squeeze: (draft, map, { fn, bare, gateFirst }) => {
    const { channels } = draft.map(map);
    const mean = table.globalPool(draft, map, { block: "globalPool", fn: "mean" });
    const point = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padding: "same" } as const;
    const mixed = table.conv(draft, mean, { block: "conv", channels, grouped: false, relu: false, ...point });
    const gate = bare ? mixed : table.unary(draft, mixed, { block: "unary", fn: "sigmoid" });
    return gateFirst ? binary(draft, fn, gate, map) : binary(draft, fn, map, gate);
  },
  dense: (draft, map, { channels }) => {
    const { height, width, channels: inputs } = draft.map(map);
    const taps = height * width * inputs;
    const flat = draft.view(map, [1, 1, taps]);
    const window: Window = { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padBefore: [0, 0], padAfter: [0, 0] };
    const more = { kind: "conv2d", groups: 1, clamp: draft.clamp() } as const;
    return draft.add(
      { ...more, ...window, ...products(draft, taps * channels, taps, channels) },
      [flat],
      [1, 1, channels],
    );
  },
  globalPool: (draft, map, { fn }) => {
    const { height, width, channels } = draft.map(map);
    const { scale } = draft.quantization;
    const scaled = draft.type === "int8" && fn !== "max";
    const requantization = scaled ? { requantization: meanRequantization(scale, scale, height * width) } : {};
    return draft.add({ kind: "globalPool", fn, clamp: draft.clamp(), ...requantization }, [map], [1, 1, channels]);
  },
  transpose: (draft, map, { permutation }) => {
    const { height, width, channels } = draft.map(map);
    const sizes = [height, width, channels] as const;
    const size = [sizes[permutation[0] as 0], sizes[permutation[1] as 0], sizes[permutation[2] as 0]] as const;
    // Many channels make every later layer slow.
    return size[2] > 16 ? map : draft.add({ kind: "transpose", permutation }, [map], size);
  },
  softmax: (draft, map) => {
    const { height, width, channels } = draft.map(map);
    return draft.type === "int8" ? map : draft.add({ kind: "softmax" }, [map], [height, width, channels]);
  },
};

function pool(
  draft: NetworkDraft,
  map: string,
  block: BlockOf<"maxPool"> | BlockOf<"averagePool">,
  kind: { readonly kind: "maxPool2d" } | { readonly kind: "averagePool2d"; readonly countIncludePad: boolean },
): string {
  const { height, width, channels } = draft.map(map);
  // Every window must hold a cell of the image.
  const placed = placeWindow(block, height, width, (extent) => extent - 1);
  if (placed === undefined) return map;
  return draft.add({ ...kind, ...placed.window, clamp: draft.clamp() }, [map], [...placed.size, channels]);
}

/** Cell by cell; one of the two may have a single cell. */
function binary(draft: NetworkDraft, fn: BlockOf<"binary">["fn"], left: string, right: string): string {
  const [{ height, width, channels }, other] = [draft.map(left), draft.map(right)];
  const layer = { kind: "binary", fn, clamp: draft.clamp(), ...binaryScales(draft, fn) } as const;
  return draft.add(layer, [left, right], [Math.max(height, other.height), Math.max(width, other.width), channels]);
}
