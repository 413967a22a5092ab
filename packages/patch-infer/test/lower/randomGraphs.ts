import { type Graph, GraphBuilder, HostTensor, type OpAttributes } from "@parsimony/core-tensor";

/** Numbers from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RandomGraphOptions {
  /** QDQ: int8 (or uint8) activations between float ops. Default "none". */
  readonly codes?: "none" | "int8" | "uint8";
  readonly steps?: number;
}

/** Writes programs as exporters do: convolutions with a bias or batch normalisation after them, activations spelt out. */
class Writer {
  readonly builder = new GraphBuilder("random");

  constructor(
    readonly next: () => number,
    readonly codes: "none" | "int8" | "uint8",
  ) {}

  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)] as T;
  }

  shape(name: string): number[] {
    return this.builder.type(name).shape as number[];
  }

  numbers(shape: readonly number[], size: number, around = 0): HostTensor {
    const count = shape.reduce((a, b) => a * b, 1);
    return new HostTensor(
      "float32",
      shape,
      Float32Array.from({ length: count }, () => around + (this.next() * 2 - 1) * size),
    );
  }

  constant(shape: readonly number[], size: number, around = 0): string {
    return this.builder.constant(this.numbers(shape, size, around));
  }

  scalar(value: number): string {
    return this.builder.constant(new HostTensor("float32", [], Float32Array.of(value)));
  }

  op<Name extends keyof OpAttributes>(op: Name, inputs: readonly string[], attributes: OpAttributes[Name]): string {
    return this.builder.add(op, inputs, attributes)[0] as string;
  }

  plain(
    op: "add" | "sub" | "mul" | "relu" | "sigmoid" | "greater" | "where" | "minimum" | "maximum" | "div" | "tanh",
    ...inputs: string[]
  ): string {
    return this.op(op, inputs, {});
  }

  /** The value rounded to codes, where the program has them. */
  rounded(x: string, scale = 0.01 + this.next() * 0.04): string {
    if (this.codes === "none") return x;
    const [step, zero] = this.scaling(scale, this.codes);
    const attributes = { axis: null, blockSize: 0, dtype: this.codes };
    const q = this.op("quantize", [x, step, zero], attributes);
    return this.op("dequantize", [q, step, zero], { ...attributes, dtype: "float32" });
  }

  scaling(scale: number, dtype: "int8" | "uint8"): [string, string] {
    const zero = this.whole(-20, 20) + (dtype === "uint8" ? 128 : 0);
    const storage = dtype === "uint8" ? Uint8Array.of(zero) : Int8Array.of(zero);
    return [
      this.builder.constant(new HostTensor("float32", [], Float32Array.of(scale))),
      this.builder.constant(new HostTensor(dtype, [], storage)),
    ];
  }

  weights(shape: readonly number[], size: number, outputs: number): string {
    if (this.codes === "none") return this.constant(shape, size);
    const count = shape.reduce((a, b) => a * b, 1);
    const codes = Int8Array.from({ length: count }, () => this.whole(-63, 63));
    const scales = Float32Array.from({ length: outputs }, () => (size / 63) * (0.5 + this.next()));
    const q = this.builder.constant(new HostTensor("int8", shape, codes));
    const step = this.builder.constant(new HostTensor("float32", [outputs], scales));
    const zero = this.builder.constant(new HostTensor("int8", [outputs], new Int8Array(outputs)));
    return this.op("dequantize", [q, step, zero], { axis: 0, blockSize: 0, dtype: "float32" });
  }

  conv(x: string): string {
    const [, channels, height, width] = this.shape(x) as [number, number, number, number];
    const isDepthwise = this.next() < 0.35;
    const divisors = [1, 2, 3].filter((g) => channels % g === 0);
    const groups = isDepthwise ? channels : this.next() < 0.8 ? 1 : this.pick(divisors);
    const outputs = groups * this.whole(1, isDepthwise ? 2 : Math.max(1, Math.floor(8 / groups)));
    const kernel = [this.whole(1, 4), this.whole(1, 4)];
    const dilations = [this.whole(1, 2), this.whole(1, 2)] as const;
    // Windows that fit into the image, and reach beyond it by less than they are long.
    const window = [height, width].map((size, axis) => {
      const longest = Math.floor((size - 1) / (dilations[axis] as number)) + 1;
      return Math.min(kernel[axis] as number, longest);
    }) as [number, number];
    const reach = window.map((cells, axis) => (cells - 1) * (dilations[axis] as number)) as [number, number];
    const pads = [0, 1, 0, 1].map((axis) => this.whole(0, Math.min(2, reach[axis] as number)));
    const shape = [outputs, channels / groups, ...window];
    const taken = (shape[1] as number) * window[0] * window[1];
    const strides = [this.whole(1, 2), this.whole(1, 2)] as const;
    let y = this.op("conv2d", [x, this.weights(shape, 1.5 / Math.sqrt(taken), outputs)], {
      strides,
      pads: pads as [number, number, number, number],
      dilations,
      groups,
    });
    if (this.next() < 0.7) y = this.plain("add", y, this.constant([outputs, 1, 1], 0.3));
    if (this.codes === "none" && this.next() < 0.4) {
      y = this.plain("mul", y, this.constant([outputs, 1, 1], 0.5, 1));
      y = this.plain("add", y, this.constant([1, outputs, 1, 1], 0.3));
    }
    return y;
  }

  activation(x: string): string {
    const kind = this.whole(0, 7);
    if (kind <= 2) return this.plain("relu", x);
    if (kind === 3) return this.plain("minimum", this.plain("relu", x), this.scalar(1.5));
    if (kind === 4) return this.plain("maximum", x, this.scalar(-0.5));
    if (this.codes !== "none") return x;
    if (kind === 5)
      return this.plain("where", this.plain("greater", x, this.scalar(0)), x, this.plain("mul", x, this.scalar(0.2)));
    if (kind === 6) return this.plain("mul", x, this.plain("sigmoid", x));
    const lifted = this.plain("relu", this.plain("add", this.plain("div", x, this.scalar(6)), this.scalar(0.5)));
    return this.plain("mul", x, this.plain("minimum", lifted, this.scalar(1)));
  }

  pool(x: string): string {
    const [, , height, width] = this.shape(x) as [number, number, number, number];
    const kernel = [Math.min(this.whole(1, 3), height), Math.min(this.whole(1, 3), width)] as const;
    const strides = [this.whole(1, 2), this.whole(1, 2)] as const;
    const pads = [0, 1, 0, 1].map((axis) =>
      this.next() < 0.5 ? 0 : Math.floor(((kernel[axis] as number) - 1) / 2),
    ) as [number, number, number, number];
    if (this.next() < 0.5) return this.op("maxPool2d", [x], { kernel, strides, pads, dilations: [1, 1] });
    return this.op("avgPool2d", [x], {
      kernel,
      strides,
      pads,
      countIncludePad: this.codes === "none" && this.next() < 0.5,
    });
  }

  gate(x: string): string {
    const [, channels] = this.shape(x) as [number, number];
    const mean = this.rounded(this.op("mean", [x], { axes: [2, 3], keepDims: true }));
    const weight = this.weights([channels, channels, 1, 1], 1, channels);
    const inner = this.op("conv2d", [mean, weight], {
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: 1,
    });
    const gate = this.rounded(this.plain("sigmoid", this.rounded(inner)), 1 / 256);
    return this.plain("mul", x, gate);
  }

  other(x: string, known: readonly string[]): string {
    const [, channels, height, width] = this.shape(x) as [number, number, number, number];
    const [size, coordinateMode] = [
      [this.whole(1, 2 * height), this.whole(1, 2 * width)] as const,
      this.pick(["half_pixel", "asymmetric", "align_corners"] as const),
    ];
    const mode = this.pick(["nearest", "linear"] as const);
    const partner = known.filter((name) => this.shape(name).slice(2).join() === [height, width].join());
    switch (this.whole(0, 5)) {
      case 0:
        return height * width > 400
          ? x
          : this.op("resize2d", [x], { mode, size, coordinateMode, nearestMode: "floor" });
      case 1:
        return this.op("concat", [x, this.pick(partner)], { axis: 1 });
      case 2: {
        const cells = (): number[] => [0, this.whole(0, 1), this.whole(0, 2), this.whole(0, 2)];
        return this.op("pad", [x], { before: cells(), after: cells(), value: 0 });
      }
      case 3: {
        const starts = [0, 0, this.whole(0, height - 1), this.whole(0, width - 1)];
        return this.op("slice", [x], {
          starts,
          ends: [1, channels, height, width],
          steps: [1, 1, this.whole(1, 2), 1],
        });
      }
      case 4: {
        if (channels % 4 !== 0) return x;
        const apart = this.op("reshape", [x], { shape: [1, channels / 4, 2, 2, height, width] });
        const moved = this.op("transpose", [apart], { permutation: [0, 1, 4, 2, 5, 3] });
        return this.op("reshape", [moved], { shape: [1, channels / 4, 2 * height, 2 * width] });
      }
      default:
        return this.gate(x);
    }
  }
}

/** A random image network with a batch of 1; weights keep values near 1. */
export function randomGraph(seed: number, { codes = "none", steps = 6 }: RandomGraphOptions = {}): Graph {
  const writer = new Writer(generator(seed), codes);
  const shape = [1, writer.whole(1, 4), writer.whole(3, 14), writer.whole(3, 14)];
  let x = writer.rounded(writer.builder.input("x", { dtype: "float32", shape }), 1 / 64);
  const known = [x];
  for (let i = 0; i < steps; i++) {
    const kind = writer.next();
    const same = known.filter((name) => name !== x && writer.shape(name).join() === writer.shape(x).join());
    if (kind < 0.5) x = writer.activation(writer.conv(x));
    else if (kind < 0.65 && same.length > 0) x = writer.activation(writer.plain("add", x, writer.pick(same)));
    else if (kind < 0.75) x = writer.pool(x);
    else x = writer.other(x, known);
    if (!known.includes(x)) x = writer.rounded(x);
    known.push(x);
  }
  if (writer.next() < 0.3) {
    const [, channels, height, width] = writer.shape(x) as [number, number, number, number];
    const flat = writer.op("reshape", [x], { shape: [1, channels * height * width] });
    const product = writer.op("matmul", [flat, writer.constant([channels * height * width, 5], 0.1)], {});
    writer.builder.output("dense", writer.plain("add", product, writer.constant([5], 1)));
  }
  if (writer.next() < 0.3) {
    writer.builder.output("last", writer.op("transpose", [x], { permutation: [0, 2, 3, 1] }));
  }
  writer.builder.output("y", x);
  writer.builder.output("inner", known[writer.whole(0, known.length - 1)] as string);
  return writer.builder.build();
}

/** An input for a random graph. */
export function randomInput(graph: Graph, seed: number): HostTensor {
  const next = generator(seed ^ 0x5bd1e995);
  const shape = graph.types["x"]?.shape as number[];
  const count = shape.reduce((a, b) => a * b, 1);
  return new HostTensor(
    "float32",
    shape,
    Float32Array.from({ length: count }, () => next() * 4 - 2),
  );
}
