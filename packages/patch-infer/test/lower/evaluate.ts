import type { Tensor } from "@parsimony/core-tensor";
import { packInput, unpackOutput } from "../../src/lower/ports.ts";
import { multiplyByQuantizedMultiplier, roundHalfAway } from "../../src/network/fixedPoint.ts";
import type {
  Binary,
  Clamp,
  Layer,
  LayerKind,
  LayerOf,
  Requantization,
  Unary,
  Window,
} from "../../src/network/layer.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";

type Cells = Float32Array | Int8Array;

/** A map with its cells. */
interface Image {
  readonly map: FeatureMap;
  readonly cells: Cells;
}

/** The number (or code) at a cell; undefined outside of the image. */
function at({ map, cells }: Image, y: number, x: number, c: number): number | undefined {
  if (y < 0 || x < 0 || y >= map.height || x >= map.width) return undefined;
  return cells[(y * map.width + x) * map.channels + c];
}

const move = (value: number, { min, max }: Clamp): number => Math.min(Math.max(value, min), max);

function requantized(
  sum: number,
  channel: number,
  map: FeatureMap,
  requantization: Requantization,
  clamp: Clamp,
): number {
  const { multiplier, shift } = requantization;
  const one = multiplier.length === 1 ? 0 : channel;
  const scaled = multiplyByQuantizedMultiplier(sum, multiplier[one] as number, shift[one] as number);
  return move(scaled + (map.zeroPoint as number), { min: Math.max(clamp.min, -128), max: Math.min(clamp.max, 127) });
}

/** Positions of the input under a window, tap by tap. */
function* taps(
  { kernel, strides, dilations, padBefore }: Window,
  y: number,
  x: number,
): Generator<[number, number, number]> {
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      yield [
        y * strides[0] - padBefore[0] + ky * dilations[0],
        x * strides[1] - padBefore[1] + kx * dilations[1],
        ky * kernel[1] + kx,
      ];
    }
  }
}

/** The value of one output cell. */
type Row<L extends Layer> = (
  layer: L,
  inputs: readonly Image[],
  output: FeatureMap,
) => (y: number, x: number, c: number) => number;

const zeroOf = ({ map }: Image): number => (map.type === "int8" ? (map.zeroPoint as number) : 0);

function finish(
  sum: number,
  c: number,
  layer: { clamp: Clamp; requantization?: Requantization },
  output: FeatureMap,
): number {
  return layer.requantization === undefined
    ? move(sum, layer.clamp)
    : requantized(sum, c, output, layer.requantization, layer.clamp);
}

const binaryFunctions: Readonly<Record<Binary["fn"], (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  minimum: Math.min,
  maximum: Math.max,
  rsub: (a, b) => b - a,
  rdiv: (a, b) => b / a,
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const unaryFunctions: Readonly<Record<Unary["fn"], (x: number) => number>> = {
  clamp: (x) => x,
  leakyRelu: (x) => x,
  abs: Math.abs,
  neg: (x) => -x,
  sigmoid,
  tanh: Math.tanh,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  hardSwish: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  silu: (x) => x * sigmoid(x),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  floor: Math.floor,
};

function integerBinary(
  layer: Binary,
  a: number,
  b: number,
  zeros: readonly [number, number],
  output: FeatureMap,
): number {
  const { leftShift, multipliers, shifts } = layer.requantization as NonNullable<Binary["requantization"]>;
  const [left, right] = [a - zeros[0], b - zeros[1]];
  const scale = (value: number, i: 0 | 1 | 2): number =>
    multiplyByQuantizedMultiplier(value, multipliers[i], shifts[i]);
  const raw =
    layer.fn === "mul"
      ? left * right
      : binaryFunctions[layer.fn](scale(left * 2 ** leftShift, 0), scale(right * 2 ** leftShift, 1));
  return move(scale(raw, 2) + (output.zeroPoint as number), {
    min: Math.max(layer.clamp.min, -128),
    max: Math.min(layer.clamp.max, 127),
  });
}

/** Plain loops, one output cell at a time, in doubles. */
const rows: { readonly [K in LayerKind]: Row<LayerOf<K>> } = {
  conv2d: (layer, [image], output) => {
    const input = image as Image;
    const depth = input.map.channels / layer.groups;
    const perGroup = output.channels / layer.groups;
    const taken = layer.kernel[0] * layer.kernel[1] * depth;
    return (y, x, c) => {
      let sum = layer.bias[c] as number;
      const first = Math.floor(c / perGroup) * depth;
      for (const [iy, ix, tap] of taps(layer, y, x)) {
        for (let i = 0; i < depth; i++) {
          const value = at(input, iy, ix, first + i);
          if (value !== undefined)
            sum += (value - zeroOf(input)) * (layer.weights[c * taken + tap * depth + i] as number);
        }
      }
      return finish(sum, c, layer, output);
    };
  },
  depthwiseConv2d: (layer, [image], output) => {
    const input = image as Image;
    return (y, x, c) => {
      let sum = layer.bias[c] as number;
      for (const [iy, ix, tap] of taps(layer, y, x)) {
        const value = at(input, iy, ix, Math.floor(c / layer.depthMultiplier));
        if (value !== undefined) sum += (value - zeroOf(input)) * (layer.weights[tap * output.channels + c] as number);
      }
      return finish(sum, c, layer, output);
    };
  },
  convTranspose2d: (layer, [image], output) => {
    const input = image as Image;
    const depth = input.map.channels / layer.groups;
    const perGroup = output.channels / layer.groups;
    const [kh, kw] = layer.kernel;
    return (y, x, c) => {
      let sum = layer.bias[c] as number;
      const first = Math.floor(c / perGroup) * depth;
      for (let ky = 0; ky < kh; ky++) {
        for (let kx = 0; kx < kw; kx++) {
          const iy = (y + layer.padBefore[0] - ky * layer.dilations[0]) / layer.strides[0];
          const ix = (x + layer.padBefore[1] - kx * layer.dilations[1]) / layer.strides[1];
          if (!Number.isInteger(iy) || !Number.isInteger(ix)) continue;
          for (let i = 0; i < depth; i++) {
            const value = at(input, iy, ix, first + i);
            const weight = layer.weights[((c * kh + ky) * kw + kx) * depth + i] as number;
            if (value !== undefined) sum += (value - zeroOf(input)) * weight;
          }
        }
      }
      return finish(sum, c, layer, output);
    };
  },
  maxPool2d:
    (layer, [image]) =>
    (y, x, c) => {
      let best = -Infinity;
      for (const [iy, ix] of taps(layer, y, x)) best = Math.max(best, at(image as Image, iy, ix, c) ?? -Infinity);
      return move(best, layer.clamp);
    },
  averagePool2d:
    (layer, [image], output) =>
    (y, x, c) => {
      let [sum, count] = [0, 0];
      for (const [iy, ix] of taps(layer, y, x)) {
        const value = at(image as Image, iy, ix, c);
        if (value === undefined && !layer.countIncludePad) continue;
        sum += value ?? zeroOf(image as Image);
        count++;
      }
      const mean = sum / count;
      return output.type === "int8" ? move(roundHalfAway(mean), layer.clamp) : move(mean, layer.clamp);
    },
  binary:
    (layer, [left, right], output) =>
    (y, x, c) => {
      const a = at(left as Image, y, x, c) as number;
      const repeated = right !== undefined && right.map.height === 1 && right.map.width === 1;
      const { constant } = layer;
      const b =
        right === undefined
          ? (constant?.[constant.length === 1 ? 0 : c] as number)
          : (at(right, repeated ? 0 : y, repeated ? 0 : x, c) as number);
      if (output.type === "float32") return move(binaryFunctions[layer.fn](a, b), layer.clamp);
      if (layer.fn === "minimum" || layer.fn === "maximum") return move(binaryFunctions[layer.fn](a, b), layer.clamp);
      const zero = right === undefined ? (layer.constantZeroPoint as number) : (right.map.zeroPoint as number);
      return integerBinary(layer, a, b, [(left as Image).map.zeroPoint as number, zero], output);
    },
  unary:
    (layer, [image], output) =>
    (y, x, c) => {
      const value = at(image as Image, y, x, c) as number;
      if (output.type === "int8") {
        const { table } = layer;
        return table?.[(table.length === 256 ? 0 : c * 256) + value + 128] as number;
      }
      if (layer.fn === "clamp") return move(value, layer.clamp);
      if (layer.fn === "leakyRelu") {
        const { slope } = layer;
        return value < 0 ? value * (slope?.[slope.length === 1 ? 0 : c] as number) : value;
      }
      return unaryFunctions[layer.fn](value);
    },
  convert:
    (layer, [image], output) =>
    (y, x, c) => {
      const { map } = image as Image;
      const value = at(image as Image, y, x, c) as number;
      if (layer.table !== undefined) return layer.table[value + 128] as number;
      if (output.type === "float32") return Math.fround((map.scale as number) * (value - (map.zeroPoint as number)));
      const quotient = Math.fround(value / (output.scale as number));
      const floor = Math.floor(quotient);
      const rest = quotient - floor;
      const even = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
      return move(even + (output.zeroPoint as number), { min: -128, max: 127 });
    },
  pad:
    (layer, [image]) =>
    (y, x, c) => {
      const [top, left, front] = layer.before;
      const { map } = image as Image;
      const channel = c - front;
      if (channel < 0 || channel >= map.channels) return layer.value;
      return at(image as Image, y - top, x - left, channel) ?? layer.value;
    },
  concat: (layer, inputs) => (y, x, c) => {
    const position = [y, x, c];
    for (const image of inputs) {
      const size = [image.map.height, image.map.width, image.map.channels][layer.axis] as number;
      const along = position[layer.axis] as number;
      if (along < size) return at(image, ...(position as [number, number, number])) as number;
      position[layer.axis] = along - size;
    }
    return Number.NaN;
  },
  resize2d:
    (layer, [image], output) =>
    (y, x, c) => {
      const cell = (iy: number, ix: number): number => at(image as Image, iy, ix, c) as number;
      const { rows: down, columns: across } = layer;
      const [top, bottom, v] = [down.low[y], down.high[y], down.share[y]] as [number, number, number];
      const [left, right, u] = [across.low[x], across.high[x], across.share[x]] as [number, number, number];
      if (layer.mode === "nearest") return cell(top, left);
      const sum =
        (1 - v) * ((1 - u) * cell(top, left) + u * cell(top, right)) +
        v * ((1 - u) * cell(bottom, left) + u * cell(bottom, right));
      return output.type === "int8" ? roundHalfAway(sum) : sum;
    },
  depthToSpace:
    (layer, [image], output) =>
    (y, x, c) => {
      const { block } = layer;
      const place = (y % block) * block + (x % block);
      const channel = layer.order === "dcr" ? place * output.channels + c : c * block * block + place;
      return at(image as Image, Math.floor(y / block), Math.floor(x / block), channel) as number;
    },
  spaceToDepth:
    (layer, [image]) =>
    (y, x, c) => {
      const { block } = layer;
      const depth = (image as Image).map.channels;
      const place = layer.order === "dcr" ? Math.floor(c / depth) : c % (block * block);
      const channel = layer.order === "dcr" ? c % depth : Math.floor(c / (block * block));
      return at(image as Image, y * block + Math.floor(place / block), x * block + (place % block), channel) as number;
    },
  slice:
    (layer, [image]) =>
    (y, x, c) => {
      const [top, left, front] = layer.starts;
      const [down, across, deep] = layer.steps;
      return at(image as Image, top + y * down, left + x * across, front + c * deep) as number;
    },
  globalPool:
    (layer, [image], output) =>
    (_y, _x, c) => {
      const { map } = image as Image;
      let [sum, best] = [0, -Infinity];
      for (let y = 0; y < map.height; y++) {
        for (let x = 0; x < map.width; x++) {
          const value = at(image as Image, y, x, c) as number;
          sum += value - zeroOf(image as Image);
          best = Math.max(best, value);
        }
      }
      if (layer.fn === "max") return move(best, layer.clamp);
      if (layer.requantization !== undefined) return requantized(sum, 0, output, layer.requantization, layer.clamp);
      return move(layer.fn === "mean" ? sum / (map.height * map.width) : sum, layer.clamp);
    },
  softmax:
    (_layer, [image], output) =>
    (y, x, c) => {
      const all = Array.from({ length: output.channels }, (_, i) => at(image as Image, y, x, i) as number);
      const largest = Math.max(...all);
      const sum = all.reduce((total, value) => total + Math.exp(value - largest), 0);
      return Math.exp((all[c] as number) - largest) / sum;
    },
  transpose: (layer, [image]) => {
    const { map, cells } = image as Image;
    const from = [map.height, map.width, map.channels] as const;
    return (y, x, c) => {
      const position = [y, x, c];
      const source = [0, 0, 0];
      layer.permutation.forEach((axis, i) => {
        source[axis] = position[i] as number;
      });
      return cells[
        ((source[0] as number) * from[1] + (source[1] as number)) * from[2] + (source[2] as number)
      ] as number;
    };
  },
};

/** Runs a network layer by layer on whole maps; the cells of every map by name. */
export function evaluateMaps(network: Network, inputs: Readonly<Record<string, Cells>>): Map<string, Cells> {
  const cells = new Map(Object.entries(inputs));
  const image = (name: string): Image => {
    const map = network.maps[name] as FeatureMap;
    return { map, cells: cells.get(map.viewOf ?? name) as Cells };
  };
  for (const layer of network.layers) {
    const output = network.maps[layer.output] as FeatureMap;
    const { height, width, channels } = output;
    const made =
      output.type === "float32"
        ? new Float32Array(height * width * channels)
        : new Int8Array(height * width * channels);
    const row = rows[layer.kind] as Row<Layer>;
    const cell = row(layer, layer.inputs.map(image), output);
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) made[to++] = cell(y, x, c);
    }
    cells.set(layer.output, made);
  }
  return cells;
}

/** Runs a network on tensors of the program. */
export function evaluate(network: Network, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const packed = Object.fromEntries(
    network.inputs.map((port) => [
      port.map,
      packInput(port, network.maps[port.map] as FeatureMap, inputs[port.name] as Tensor),
    ]),
  );
  const cells = evaluateMaps(network, packed);
  return Object.fromEntries(
    network.outputs.map((port) => {
      const map = network.maps[port.map] as FeatureMap;
      return [port.name, unpackOutput(port, map, cells.get(map.viewOf ?? port.map) as Cells)];
    }),
  );
}
