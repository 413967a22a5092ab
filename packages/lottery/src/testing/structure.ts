import fc from "fast-check";
import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  avgPool2d,
  batchNorm,
  concat,
  conv2d,
  flatten,
  globalAvgPool2d,
  interpret,
  matmul,
  maxPool2d,
  random,
  relu,
  reshape,
  sigmoid,
  softmax,
  spec,
  tanh,
  tensor,
  transpose,
} from "@parsimony/core-tensor";
import { type Mask, applyMask, bits, isPrunable } from "../mask/mask.ts";
import type { Named } from "../base/parameters.ts";
import { modelGraph } from "../structure/bridge.ts";
import type { Compacted } from "../structure/compact.ts";
import type { Law } from "./law.ts";

/** A small net with a mask that cuts many of its paths. */
export interface MaskedNet {
  /** Which architecture: `mlp`, `conv`, `residual`, `dense residual`, `concat`, `depthwise`, `heads`. */
  readonly kind: string;
  /** The net without the mask; the constants are the parameters. */
  readonly graph: Graph;
  readonly mask: Mask;
  /** An input for every input of the graph. */
  readonly inputs: Readonly<Record<string, HostTensor>>;
}

/** Parameters as they are asked for, all from one seed. */
type Draw = (name: string, shape: readonly number[]) => void;

interface Architecture {
  readonly declare: (draw: Draw, widths: readonly [number, number, number]) => void;
  readonly input: readonly number[];
  readonly forward: (p: Readonly<Record<string, Tensor>>, x: Tensor, options: NetOptions) => Tensor;
}

interface NetOptions {
  readonly padded: boolean;
  readonly activation: (x: Tensor) => Tensor;
}

const at = (p: Readonly<Record<string, Tensor>>, name: string): Tensor => p[name] as Tensor;
const dense = (p: Readonly<Record<string, Tensor>>, name: string, x: Tensor): Tensor =>
  add(matmul(x, at(p, `${name}.weight`)), at(p, `${name}.bias`));
const conv = (p: Readonly<Record<string, Tensor>>, name: string, x: Tensor, padded: boolean, groups = 1): Tensor =>
  conv2d(x, at(p, `${name}.weight`), { pads: padded ? 1 : 0, groups, bias: at(p, `${name}.bias`) });
const norm = (p: Readonly<Record<string, Tensor>>, name: string, x: Tensor): Tensor =>
  batchNorm(x, at(p, `${name}.mean`), at(p, `${name}.variance`), at(p, `${name}.scale`), at(p, `${name}.bias`));

const drawDense = (draw: Draw, name: string, inputs: number, outputs: number): void => {
  draw(`${name}.weight`, [inputs, outputs]);
  draw(`${name}.bias`, [outputs]);
};
const drawConv = (draw: Draw, name: string, inputs: number, outputs: number, kernel = 3): void => {
  draw(`${name}.weight`, [outputs, inputs, kernel, kernel]);
  draw(`${name}.bias`, [outputs]);
};
const drawNorm = (draw: Draw, name: string, channels: number): void => {
  for (const part of ["mean", "variance", "scale", "bias"]) draw(`${name}.${part}`, [channels]);
};

const architectures: Readonly<Record<string, Architecture>> = {
  mlp: {
    input: [5],
    declare(draw, [a, b, c]) {
      drawDense(draw, "first", 5, a);
      drawDense(draw, "second", a, b);
      drawDense(draw, "third", b, c);
      drawDense(draw, "out", c, 3);
    },
    forward: (p, x, { activation }) =>
      dense(p, "out", activation(dense(p, "third", relu(dense(p, "second", activation(dense(p, "first", x))))))),
  },
  conv: {
    input: [2, 8, 8],
    declare(draw, [a, b, c]) {
      drawConv(draw, "first", 2, a);
      drawNorm(draw, "norm", a);
      drawConv(draw, "second", a, b);
      drawDense(draw, "third", 4 * b, c);
      drawDense(draw, "out", c, 3);
    },
    forward(p, x, { padded, activation }) {
      const first = maxPool2d(activation(norm(p, "norm", conv(p, "first", x, padded))), { kernel: padded ? 2 : 1 });
      const second = avgPool2d(relu(conv(p, "second", first, padded)), { kernel: 2 });
      return dense(p, "out", relu(dense(p, "third", flatten(second, 1))));
    },
  },
  residual: {
    input: [2, 4, 4],
    declare(draw, [a, b]) {
      drawConv(draw, "stem", 2, a);
      drawConv(draw, "first", a, b);
      drawNorm(draw, "norm1", b);
      drawConv(draw, "second", b, a);
      drawNorm(draw, "norm2", a);
      drawDense(draw, "out", a, 3);
    },
    forward(p, x, { activation }) {
      const stem = relu(conv(p, "stem", x, true));
      const inner = activation(norm(p, "norm1", conv(p, "first", stem, true)));
      const sum = relu(add(norm(p, "norm2", conv(p, "second", inner, true)), stem));
      return dense(p, "out", globalAvgPool2d(sum));
    },
  },
  "dense residual": {
    input: [4],
    declare(draw, [a, b]) {
      drawDense(draw, "stem", 4, a);
      drawDense(draw, "first", a, b);
      drawDense(draw, "second", b, a);
      drawDense(draw, "out", a, 2);
    },
    forward(p, x, { activation }) {
      const stem = activation(dense(p, "stem", x));
      return dense(p, "out", add(stem, dense(p, "second", relu(dense(p, "first", stem)))));
    },
  },
  concat: {
    input: [4],
    declare(draw, [a, b, c]) {
      drawDense(draw, "left", 4, a);
      drawDense(draw, "right", 4, b);
      drawDense(draw, "joint", a + b, c);
      drawDense(draw, "out", c, 2);
    },
    forward(p, x, { activation }) {
      const joint = concat([relu(dense(p, "left", x)), activation(dense(p, "right", x))], 1);
      return dense(p, "out", relu(dense(p, "joint", joint)));
    },
  },
  depthwise: {
    input: [2, 4, 4],
    declare(draw, [a, b]) {
      drawConv(draw, "stem", 2, a);
      drawConv(draw, "each", 1, a);
      drawConv(draw, "point", a, b, 1);
      drawDense(draw, "out", b, 2);
    },
    forward(p, x, { activation }) {
      const stem = activation(conv(p, "stem", x, true));
      const each = relu(conv(p, "each", stem, true, at(p, "each.bias").size));
      return dense(p, "out", globalAvgPool2d(relu(conv(p, "point", each, false))));
    },
  },
  heads: {
    input: [3, 4],
    declare(draw, [heads, size, c]) {
      for (const name of ["query", "key", "value"]) drawDense(draw, name, 4, heads * size);
      drawDense(draw, "joint", heads * size, c);
      drawDense(draw, "out", c, 2);
      draw("heads", [heads, size]);
    },
    forward(p, x, { activation }) {
      const [heads, size] = at(p, "heads").shape as [number, number];
      const batch = x.shape[0] as number;
      const split = (name: string): Tensor =>
        transpose(reshape(dense(p, name, x), [batch, 3, heads, size]), [0, 2, 1, 3]);
      const scores = matmul(split("query"), transpose(split("key"), [0, 1, 3, 2]));
      const mixed = transpose(matmul(softmax(scores), split("value")), [0, 2, 1, 3]);
      const joint = activation(dense(p, "joint", reshape(mixed, [batch, 3, heads * size])));
      return dense(p, "out", joint);
    },
  },
};

const activations = { relu, tanh, sigmoid };

export interface MaskedNetsOptions {
  /** Dtypes of the parameters. Default: float32 and float64. */
  readonly dtypes?: readonly ("float32" | "float64")[];
  /** Architectures, see `MaskedNet`. Default: all. */
  readonly kinds?: readonly string[];
}

/**
 * fast-check arbitrary of small nets of several kinds (dense, convolutional with batch norm and pooling, residual, concatenated,
 * depthwise, attention heads) with masks of low density, so that units without ways in or out are frequent.
 */
export function maskedNets({
  dtypes = ["float32", "float64"],
  kinds = Object.keys(architectures),
}: MaskedNetsOptions = {}): fc.Arbitrary<MaskedNet> {
  const width = fc.integer({ min: 1, max: 5 });
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      widths: fc.tuple(width, width, width),
      seed: fc.nat(1e6),
      density: fc.constantFrom(0.05, 0.15, 0.3, 0.5, 0.9),
      biases: fc.constantFrom("zero", "mixed"),
      activation: fc.constantFrom("relu", "tanh", "sigmoid"),
      padded: fc.boolean(),
      dtype: fc.constantFrom(...dtypes),
    })
    .map(({ kind, widths, seed, density, biases, activation, padded, dtype }) => {
      const { declare, forward, input } = architectures[kind] as Architecture;
      const params: Record<string, HostTensor> = {};
      const mask: Record<string, HostTensor> = {};
      const key = random.key(seed);
      const uniform = (stream: number, shape: readonly number[]): HostTensor =>
        random.uniform(random.foldIn(key, stream), [...shape], { dtype: "float64" }) as HostTensor;
      declare((name, shape) => {
        const stream = Object.keys(params).length;
        const draws = uniform(2 * stream, shape).dataSync() as Float64Array;
        const isBias = name.endsWith("bias");
        const values = Array.from(draws, (u) => {
          if (name.endsWith("variance")) return u + 0.1;
          if (isBias && (biases === "zero" || u < 0.4)) return u < 0.1 ? -0 : 0;
          return 4 * u - 2;
        });
        const value = tensor(values, { shape, dtype });
        params[name] = value;
        if (!isPrunable(name, value)) return;
        const kept = uniform(2 * stream + 1, shape).dataSync() as Float64Array;
        mask[name] = bits(
          Uint8Array.from(kept, (u) => (u < density ? 1 : 0)),
          shape,
        );
      }, widths);
      const net = (p: Readonly<Record<string, Tensor>>, x: Tensor): Tensor =>
        forward(p, x, { padded, activation: activations[activation as keyof typeof activations] });
      const { heads: _, ...maskOfUsed } = mask;
      const x = random.normal(random.foldIn(key, 999), [3, ...input], { dtype });
      const graph = modelGraph(net, params, spec(["batch", ...input], dtype));
      const text = `${kind} net, widths ${widths}, seed ${seed}, density ${density}, ${biases} biases, ${activation}, ${dtype}`;
      const described = { [fc.toStringMethod]: () => (padded ? `${text}, padded` : text) };
      return { kind, graph, mask: maskOfUsed, inputs: { input: x as HostTensor }, ...described };
    });
}

/** A way to make a masked program smaller, such as `compact`. */
export type CompactFunction = (graph: Graph, mask: Mask) => Pick<Compacted, "graph" | "mask" | "report">;

export interface CompactLawsOptions {
  /** Largest difference between outputs, relative to the largest output or 1. Default 0: the same bits. */
  readonly tolerance?: number;
}

/**
 * What users may expect of a function that drops dead units, for `checkLaws` with `maskedNets()` or a test runner of one's own.
 */
export function compactLaws(
  compactFunction: CompactFunction,
  { tolerance = 0 }: CompactLawsOptions = {},
): readonly Law<MaskedNet>[] {
  return [
    {
      name: "the smaller program computes what the masked one does",
      check({ graph, mask, inputs }) {
        const masked = { ...graph, constants: applyMask(graph.constants, mask) };
        sameOutputs(interpret(masked, inputs), interpret(compactFunction(graph, mask).graph, inputs), tolerance);
      },
    },
    {
      name: "doing it twice changes nothing more",
      check({ graph, mask }) {
        const once = compactFunction(graph, mask);
        const twice = compactFunction(once.graph, once.mask);
        const shapes = (constants: Named): string =>
          Object.entries(constants)
            .map(([name, { shape }]) => `${name} [${shape}]`)
            .sort()
            .join(" ");
        const [first, second] = [shapes(once.graph.constants), shapes(twice.graph.constants)];
        if (first !== second) throw new Error(`${first} became ${second}`);
        if (twice.report.removedUnits + twice.report.foldedUnits > 0) throw new Error("units went at the second time");
      },
    },
    {
      name: "effective density is at most direct density",
      check({ graph, mask }) {
        const { effectiveDensity, directDensity } = compactFunction(graph, mask).report;
        if (!(effectiveDensity <= directDensity)) throw new Error(`${effectiveDensity} > ${directDensity}`);
      },
    },
    {
      name: "what is left is a part of the parameters, under their names",
      check({ graph, mask }) {
        const { graph: smaller, report } = compactFunction(graph, mask);
        const { before, after } = report.parameters;
        const count = Object.values(smaller.constants).reduce((sum, { size }) => sum + size, 0);
        if (after !== count) throw new Error(`${count} parameters, the report says ${after}`);
        if (after > before) throw new Error(`${before} parameters became ${after}`);
      },
    },
    {
      name: "in dense nets every hidden unit has a way in and a way out",
      check({ kind, graph, mask }) {
        if (kind !== "mlp") return;
        const { graph: smaller, report } = compactFunction(graph, mask);
        if (report.cutLayers.length > 0) {
          if (report.constantOutputs.length === 0)
            throw new Error(`${report.cutLayers} cut, and no output is constant`);
          return;
        }
        const layers = ["first", "second", "third", "out"].map((name) => smaller.constants[`${name}.weight`]);
        const ends = layers.map((weight) => weightedSlices(weight as HostTensor));
        const without = (key: "rows" | "columns"): number =>
          (key === "rows" ? ends.slice(1) : ends.slice(0, -1))
            .flatMap((weight) => weight[key])
            .filter((weighted) => !weighted).length;
        if (without("rows") > 0) throw new Error(`${without("rows")} units without a way out`);
        // A number other than 0 that is the same for every input has none, and may be kept.
        const noWayIn = without("columns") - report.constantUnits;
        if (noWayIn > 0) throw new Error(`${noWayIn} units without a way in`);
      },
    },
    {
      name: "the program and the mask that went in are as they were",
      check({ graph, mask }) {
        const before = snapshot(graph.constants) + snapshot(mask);
        compactFunction(graph, mask);
        if (snapshot(graph.constants) + snapshot(mask) !== before) throw new Error("they were changed");
      },
    },
  ];
}

/** Which rows and columns of a matrix have an element that is not 0. */
function weightedSlices(weight: HostTensor): { readonly rows: boolean[]; readonly columns: boolean[] } {
  const [rows, columns] = weight.shape as [number, number];
  const data = weight.dataSync() as Float32Array;
  const some = (length: number, other: number, at: (i: number, j: number) => number): boolean[] =>
    Array.from({ length }, (_, i) => Array.from({ length: other }, (_, j) => data[at(i, j)]).some((x) => x !== 0));
  return {
    rows: some(rows, columns, (i, j) => i * columns + j),
    columns: some(columns, rows, (j, i) => i * columns + j),
  };
}

function sameOutputs(
  expected: Readonly<Record<string, Tensor>>,
  actual: Readonly<Record<string, Tensor>>,
  tolerance: number,
): void {
  for (const [name, tensorOf] of Object.entries(expected)) {
    const want = (tensorOf as HostTensor).dataSync() as Float32Array;
    const got = (actual[name] as HostTensor | undefined)?.dataSync() as Float32Array | undefined;
    if (got?.length !== want.length) throw new Error(`output ${name} has ${got?.length} elements, not ${want.length}`);
    const scale = Math.max(1, ...Array.from(want, Math.abs));
    want.forEach((x, i) => {
      const same = tolerance === 0 ? Object.is(x, got[i]) : Math.abs(x - (got[i] as number)) <= tolerance * scale;
      if (!same) throw new Error(`output ${name}, element ${i}: ${got[i]}, expected ${x}`);
    });
  }
}

function snapshot(named: Named): string {
  return Object.entries(named)
    .map(
      ([name, value]) =>
        `${name}:${value.shape}:${Array.from(value.dataSync() as Float32Array, (x) => (Object.is(x, -0) ? "-0" : x))}`,
    )
    .sort()
    .join(";");
}
