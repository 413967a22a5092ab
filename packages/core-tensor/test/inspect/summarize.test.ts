import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Dim,
  type Graph,
  GraphBuilder,
  type Tensor,
  add,
  conv2d,
  conv2dWeightGrad,
  convTranspose2d,
  customVjp,
  evaluateDim,
  matmul,
  maxPool2d,
  mul,
  scan,
  spec,
  tensor,
  trace,
} from "../../src/index.ts";
import { type LayerSummary, summarize } from "../../src/inspect/index.ts";
import { randomPrograms } from "../../src/testing/index.ts";
import { mobileNet, vgg16 } from "./networks.ts";

const macs = (fn: (...args: Tensor[]) => Tensor, ...shapes: Dim[][]): Dim =>
  summarize(trace(fn as (x: Tensor) => Tensor, ...(shapes.map((shape) => spec(shape)) as [never]))).macs;

describe("multiply-accumulates by hand", () => {
  test("matrix products: rows, columns and inner length, once per matrix", () => {
    expect(macs(matmul, [2, 3], [3, 4])).toBe(2 * 4 * 3);
    expect(macs(matmul, [5, 1, 2, 3], [6, 3, 4])).toBe(5 * 6 * 2 * 4 * 3);
    expect(macs(matmul, ["n", 3], [3, "m"])).toBe("3*m*n");
  });

  test("a convolution: elements of the result times those of a kernel", () => {
    const conv = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, { pads: 1, groups: 2 });
    expect(macs(conv, [1, 4, 5, 5], [6, 2, 3, 3])).toBe(6 * 5 * 5 * (2 * 3 * 3));
    const strided = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, { strides: 2, dilations: 2 });
    expect(macs(strided, ["n", 3, 9, 9], [8, 3, 3, 3])).toBe(`${8 * 3 * 3 * 27}*n`);
  });

  test("a transposed convolution: elements of the image times those that each is spread over", () => {
    const up = (x: Tensor, w: Tensor): Tensor => convTranspose2d(x, w, { strides: 2, groups: 2 });
    expect(macs(up, [2, 4, 3, 3], [4, 5, 2, 2])).toBe(2 * 4 * 3 * 3 * (5 * 2 * 2));
  });

  test("the gradient of a weight takes as many as the convolution", () => {
    const attributes = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 2 } as const;
    const gradient = (x: Tensor, dy: Tensor): Tensor => conv2dWeightGrad(x, dy, attributes);
    expect(macs(gradient, [1, 4, 5, 5], [1, 6, 5, 5])).toBe(6 * 5 * 5 * (2 * 3 * 3));
  });

  test("a loop: its body times its length; other ops none", () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ]);
    const run = (h: Tensor, xs: Tensor): Tensor =>
      scan((state: Tensor, x: Tensor) => [add(matmul(state, w), x), []], h, xs)[0];
    expect(macs(run, [1, 2], [7, 1, 2])).toBe(7 * 4);
    expect(macs(run, [1, 2], ["steps", 1, 2])).toBe("4*steps");
    expect(macs((x) => mul(add(x, 1), x), [100, 100])).toBe(0);
  });

  test("a function with a derivative of its own: what the function takes", () => {
    const product = customVjp((x: Tensor, y: Tensor) => matmul(x, y), {
      forward: (x, y) => [matmul(x, y), []],
      backward: (_kept: unknown, dy) => [dy, dy] as const,
    });
    expect(macs(product, [3, 3], [3, 3])).toBe(27);
  });
});

describe("known networks", () => {
  test("VGG-16: 138 357 544 parameters and 15.5 thousand million multiply-accumulates an image", () => {
    const { parameters, macs: total, symbols } = summarize(vgg16());
    expect([parameters, total, symbols]).toEqual([138_357_544, "15470264320*batch", ["batch"]]);
  });

  test("MobileNet: 569 million multiply-accumulates (Howard et al. 2017, table 8)", () => {
    const { macs: total, layers } = summarize(mobileNet());
    expect(total).toBe(568_740_352);
    // The first layer of 3 x 3 x 3 onto 32 channels of 112 x 112.
    expect(layers[0]?.macs).toBe(112 * 112 * 32 * 27);
  });
});

describe("memory by hand", () => {
  // a = x + w; b = a a; c = b + x; outputs b and c. x has 8 bytes, as has everything else.
  const builder = new GraphBuilder("small");
  const x = builder.input("x", { dtype: "float32", shape: [2] });
  builder.input("idle", { dtype: "float32", shape: [1000] });
  const w = builder.constant(tensor([1, 2]), "w");
  builder.constant(tensor([1, 2, 3], { dtype: "int8" }), "unused");
  builder.add("add", [x, w], {}, ["a"]);
  builder.add("mul", ["a", "a"], {}, ["b"]);
  builder.add("add", ["b", x], {}, ["c"]);
  builder.add("add", ["c", w], {}, ["dead"]);
  builder.output("b", "b");
  builder.output("twice", "c");
  const summary = summarize(builder.build());
  const column = <Key extends keyof LayerSummary>(key: Key): LayerSummary[Key][] =>
    summary.layers.map((layer) => layer[key]);

  test("a value is alive from the node that makes it to the last one that reads it, an output to the end", () => {
    // x a | x a b | x b c | b c
    expect(column("liveBytes")).toEqual([16, 24, 24, 16]);
    expect(summary.peak).toEqual({ layer: 1, bytes: 24 });
  });

  test("results that nothing reads are left out", () => {
    expect(column("activationBytes")).toEqual([8, 8, 8, 0]);
    expect(summary.layers[3]).toMatchObject({ name: "dead", outputs: [] });
    expect(summary.activationBytes).toBe(24);
  });

  test("a constant belongs to the first node that reads it; all count in the total", () => {
    expect(column("parameters")).toEqual([2, 0, 0, 0]);
    expect(column("parameterBytes")).toEqual([8, 0, 0, 0]);
    expect([summary.parameters, summary.parameterBytes]).toEqual([5, 11]);
  });

  test("inputs, outputs and operators", () => {
    expect(summary.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["x", [2]],
      ["idle", [1000]],
    ]);
    expect(summary.outputs).toEqual([
      { name: "b", dtype: "float32", shape: [2] },
      { name: "twice", dtype: "float32", shape: [2] },
    ]);
    expect(summary.operators).toEqual([
      { op: "add", count: 3, macs: 0 },
      { op: "mul", count: 1, macs: 0 },
    ]);
  });

  test("the positions of a pooling count only where they are read", () => {
    const pooled = summarize(trace((image: Tensor) => maxPool2d(image, { kernel: 2 }), spec([1, 1, 4, 4])));
    expect(pooled.layers[0]?.activationBytes).toBe(2 * 2 * 4);
  });

  test("operators inside of loops are counted where they stand", () => {
    const graph = trace(
      (h: Tensor, xs: Tensor) => scan((s: Tensor, row: Tensor) => [matmul(add(s, row), s), []], h, xs)[0],
      spec([2, 2]),
      spec([5, 2, 2]),
    );
    expect(summarize(graph).operators).toEqual([
      { op: "add", count: 1, macs: 0 },
      { op: "matmul", count: 1, macs: 40 },
      { op: "scan", count: 1, macs: 0 },
    ]);
  });

  test("a program without nodes has no peak", () => {
    const same = summarize(trace((value: Tensor) => value, spec([2])));
    expect([same.layers, same.peak, same.activationBytes]).toEqual([[], undefined, 0]);
  });
});

test("dims gives numbers to symbols", () => {
  const graph = trace(matmul, spec(["batch", 3]), spec([3, "out"]));
  const bound = summarize(graph, { dims: { batch: 2 } });
  expect([bound.macs, bound.symbols, bound.peak?.bytes]).toEqual(["6*out", ["out"], "20*out + 24"]);
});

test("what is no program is refused", () => {
  expect(() => summarize((() => 1) as never)).toThrow("summarize: graph: expected a Graph");
});

/** The slow definition: at each node, all values that something made and something needs. */
function liveSlowly({ inputs, nodes, outputs, types }: Graph): number[] {
  const bytes = (name: string): number => {
    const { dtype, shape } = types[name] as { dtype: string; shape: readonly Dim[] };
    const width = { bool: 1, int8: 1, uint8: 1, int64: 8, float64: 8 }[dtype] ?? 4;
    return shape.reduce<number>((product, dim) => product * (dim as number), width);
  };
  return nodes.map((_, at) => {
    const made = [...inputs, ...nodes.slice(0, at + 1).flatMap((node) => node.outputs)];
    const needed = [...nodes.slice(at).flatMap((node) => node.inputs), ...outputs.map(({ value }) => value)];
    return made.filter((name) => needed.includes(name)).reduce((sum, name) => sum + bytes(name), 0);
  });
}

describe("any program", () => {
  test("live bytes are those of the slow definition", () => {
    fc.assert(
      fc.property(randomPrograms({}), ({ graph }) => {
        const expected = liveSlowly(graph);
        expect(summarize(graph).layers.map(({ liveBytes }) => liveBytes)).toEqual(expected);
      }),
    );
  });

  test("binding first or evaluating afterwards gives the same numbers", () => {
    fc.assert(
      fc.property(randomPrograms({ symbolic: true }), fc.integer({ min: 1, max: 9 }), ({ graph }, batch) => {
        const open = summarize(graph);
        const dims = Object.fromEntries(open.symbols.map((name) => [name, batch]));
        const bound = summarize(graph, { dims });
        expect(bound.symbols).toEqual([]);
        for (const key of ["macs", "activationBytes"] as const) expect(evaluateDim(open[key], dims)).toBe(bound[key]);
        open.layers.forEach((layer, i) => {
          const { liveBytes, macs: own } = bound.layers[i] as LayerSummary;
          expect([evaluateDim(layer.liveBytes, dims), evaluateDim(layer.macs, dims)]).toEqual([liveBytes, own]);
        });
        expect(open.operators.reduce((sum, entry) => sum + evaluateDim(entry.macs, dims), 0)).toBe(bound.macs);
      }),
    );
  });
});
