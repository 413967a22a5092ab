import {
  type HostTensor,
  type Tensor,
  add,
  broadcastTo,
  cast,
  concat,
  conv2d,
  flatten,
  interpret,
  matmul,
  maxPool2d,
  mul,
  random,
  relu,
  reshape,
  sigmoid,
  softmax,
  spec,
  tensor,
  trace,
} from "@parsimony/core-tensor";
import { describe, expect, test, vi } from "vitest";
import { LotteryError } from "../../../src/base/errors.ts";
import { bits } from "../../../src/mask/mask.ts";
import { compileSparse } from "../../../src/sparse/index.ts";
import { fastestLayout } from "../../../src/sparse/model/choose.ts";
import { type ChainStep, planSteps } from "../../../src/sparse/model/plan.ts";
import type { WeightedStage } from "../../../src/sparse/model/stages.ts";
import { modelGraph } from "../../../src/structure/index.ts";

/** Normal numbers, a share of them 0. */
function sparse(seed: number, shape: readonly number[], sparsity: number, scale = 1): HostTensor {
  const [a, b] = random.split(random.key(seed)) as [ReturnType<typeof random.key>, ReturnType<typeof random.key>];
  const values = (random.normal(a, shape) as HostTensor).dataSync() as Float32Array;
  const coins = (random.uniform(b, shape) as HostTensor).dataSync();
  return tensor(
    values.map((value, i) => ((coins[i] as number) < sparsity ? 0 : value * scale)),
    { shape },
  );
}

const lenet = {
  hidden1: { weight: sparse(1, [784, 300], 0.9, 0.1), bias: sparse(2, [300], 0) },
  hidden2: { weight: sparse(3, [300, 100], 0.9, 0.2), bias: sparse(4, [100], 0) },
  output: { weight: sparse(5, [100, 10], 0.8, 0.3), bias: sparse(6, [10], 0) },
};
const forward = ({ hidden1, hidden2, output }: typeof lenet, x: Tensor): Tensor => {
  const a = relu(add(matmul(x, hidden1.weight), hidden1.bias));
  const b = relu(add(matmul(a, hidden2.weight), hidden2.bias));
  return add(matmul(b, output.weight), output.bias);
};
const graph = modelGraph(forward, lenet, spec(["batch", 784]));

const data = (x: Tensor): Float32Array => (x as HostTensor).dataSync() as Float32Array;
const words = (x: Tensor): number[] => [...new Uint32Array(data(x).slice().buffer)];
const run = (program: typeof graph, x: HostTensor): HostTensor => {
  return interpret(program, { [program.inputs[0] as string]: x })[program.outputs[0]?.name as string] as HostTensor;
};
function expectClose(got: Tensor, wanted: Tensor, relative = 1e-5): void {
  expect(got.shape).toEqual(wanted.shape);
  const scale = Math.max(...data(wanted).map(Math.abs));
  const difference = Math.max(...data(got).map((value, i) => Math.abs(value - (data(wanted)[i] as number))));
  expect(difference).toBeLessThanOrEqual(relative * scale);
}
const recogniseFirst = (): WeightedStage => {
  const [step] = planSteps(graph);
  return (step as ChainStep).stages[0] as WeightedStage;
};
const codeOf = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    if (error instanceof LotteryError) return error.code;
    throw error;
  }
  return "none";
};

describe("LeNet-300-100", () => {
  const x = sparse(7, [13, 784], 0);
  const wanted = run(graph, x);

  test("gives what the interpreter gives, within float32", () => {
    using model = compileSparse(graph, {}, { milliseconds: 5 });
    expectClose(model.predict(x), wanted);
    expect(model.report.reference).toEqual([]);
    expect(model.report.layers.map(({ name }) => name)).toEqual(["hidden1.weight", "hidden2.weight", "output.weight"]);
    expect(Object.keys(model.report.layers[0]?.milliseconds ?? {})).toEqual(["dense", "blocks", "sliced"]);
  });

  test("the bits depend neither on layout nor engine nor batch", () => {
    const bitsOf = words(compileSparse(graph, {}, { layout: "dense" }).predict(x));
    for (const layout of ["blocks", "sliced"] as const) {
      expect(words(compileSparse(graph, {}, { layout }).predict(x))).toEqual(bitsOf);
    }
    const model = compileSparse(graph, {}, { layout: "sliced" });
    for (let i = 0; i < 13; i++) {
      const one = model.predict(data(x).subarray(784 * i, 784 * (i + 1)));
      expect(one.shape).toEqual([1, 10]);
      expect(words(one)).toEqual(bitsOf.slice(10 * i, 10 * (i + 1)));
    }
    const some = model.predict(data(x).subarray(0, 3 * 784), 3);
    expect(words(some)).toEqual(bitsOf.slice(0, 30));
    const plain = compileSparse(graph, {}, { layout: "sliced", engine: "typescript" });
    expect(plain.report.engine).toBe("typescript");
    expect(words(plain.predict(x))).toEqual(bitsOf);
  });

  test("a mask takes weights out, by name, and leaves the graph alone", () => {
    const kept = new Uint8Array(1000).fill(1).fill(0, 0, 990);
    const masked = { ...lenet, output: { ...lenet.output, weight: sparse(5, [100, 10], 0.8, 0.3) } };
    const values = data(masked.output.weight).map((value, i) => (kept[i] === 0 ? 0 : value));
    const before = words(graph.constants["output.weight"] as HostTensor);
    const model = compileSparse(graph, { "output.weight": bits(kept, [100, 10]) }, { layout: "sliced" });
    const byHand = modelGraph(
      forward,
      { ...lenet, output: { ...lenet.output, weight: tensor(values, { shape: [100, 10] }) } },
      spec(["batch", 784]),
    );
    expect(words(model.predict(x))).toEqual(words(compileSparse(byHand, {}, { layout: "dense" }).predict(x)));
    expect(words(graph.constants["output.weight"] as HostTensor)).toEqual(before);
    expect(model.report.layers[2]?.survivors).toBe(values.filter((value) => value !== 0).length);
  });

  test("goal size takes the fewest bytes, and nothing is measured", () => {
    const { report } = compileSparse(graph, {}, { goal: "size" });
    for (const { layout, bytes, milliseconds } of report.layers) {
      expect(bytes[layout]).toBe(Math.min(...Object.values(bytes)));
      expect(milliseconds).toBeUndefined();
    }
    expect(report.bytes).toBeLessThan(report.denseBytes / 4);
  });

  test("goal speed follows the clock, and dense wins where others gain nothing", () => {
    const choices = (times: readonly number[]) => {
      // Every run reads the clock twice.
      let time = 0;
      let reading = 0;
      const now = (): number => {
        if (reading++ % 2 === 1) time += times[(reading / 2 - 1) % 3] as number;
        return time;
      };
      return fastestLayout({ ...stage }, { batch: 1, milliseconds: 1, now }).layout.name;
    };
    const stage = recogniseFirst();
    expect(choices([10, 10, 5])).toBe("sliced");
    expect(choices([10, 4, 5])).toBe("blocks");
    expect(choices([10, 9.6, 9.6])).toBe("dense");
    expect(choices([10, 9.6, 9.4])).toBe("sliced");
    expect(choices([4, 5, 5])).toBe("dense");
  });

  test("without WebAssembly the plain kernels run, and the report says so", () => {
    vi.stubGlobal("WebAssembly", undefined);
    try {
      const model = compileSparse(graph, {}, { layout: "sliced" });
      expect(model.report.engine).toBe("typescript");
      expect(codeOf(() => compileSparse(graph, {}, { engine: "wasm" }))).toBe("E_OPTION");
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("convolutions", () => {
  const w1 = sparse(11, [6, 1, 5, 5], 0.6);
  const b1 = sparse(12, [6], 0);
  const w2 = sparse(13, [7, 6, 3, 3], 0.8);
  const w3 = sparse(14, [7 * 6 * 5, 4], 0.9);
  const net = (x: Tensor): Tensor => {
    const a = maxPool2d(relu(conv2d(x, w1, { pads: 2, bias: b1 })), { kernel: 2 });
    const b = relu(conv2d(a, w2, { pads: [1, 0, 0, 1] }));
    return matmul(flatten(b, 1), w3);
  };
  const program = trace(net, spec(["batch", 1, 14, 12]));

  test("padded, pooled and flattened within one chain, alone and in batches", () => {
    const x = sparse(15, [11, 1, 14, 12], 0);
    const wanted = run(program, x);
    const results = (["dense", "blocks", "sliced"] as const).map((layout) => {
      const model = compileSparse(program, {}, { layout });
      expect(model.report.reference).toEqual([]);
      return model.predict(x);
    });
    for (const result of results) {
      expectClose(result, wanted);
      expect(words(result)).toEqual(words(results[0] as HostTensor));
    }
    const model = compileSparse(program, {}, { layout: "sliced" });
    const plain = compileSparse(program, {}, { layout: "blocks", engine: "typescript" });
    const size = 14 * 12;
    // Sizes of batches in a mixed order: zeros around images must be there whatever ran before.
    for (const [from, to] of [
      [0, 1],
      [1, 9],
      [9, 11],
      [0, 1],
      [2, 5],
      [0, 11],
    ] as const) {
      const part = data(x).subarray(from * size, to * size);
      const bitsOf = words(results[0] as HostTensor).slice(4 * from, 4 * to);
      expect(words(model.predict(part))).toEqual(bitsOf);
      expect(words(plain.predict(part))).toEqual(bitsOf);
    }
  });

  test.each([
    { name: "strides", options: { strides: 2 }, weight: [5, 4, 3, 3] },
    { name: "dilations", options: { dilations: [2, 1] as const, pads: 1 }, weight: [5, 4, 3, 3] },
    { name: "groups", options: { groups: 2, pads: [0, 1, 2, 3] as const }, weight: [6, 2, 3, 2] },
    { name: "one channel each", options: { groups: 4 }, weight: [4, 1, 2, 2] },
    { name: "1 x 1", options: {}, weight: [3, 4, 1, 1] },
    { name: "as large as the image", options: {}, weight: [3, 4, 9, 7] },
  ])("$name", ({ options, weight }) => {
    const w = sparse(21, weight, 0.5);
    const image = trace((x: Tensor) => relu(conv2d(x, w, options)), spec(["batch", 4, 9, 7]));
    for (const batch of [1, 3, 9]) {
      const x = sparse(22, [batch, 4, 9, 7], 0);
      for (const layout of ["dense", "blocks", "sliced"] as const) {
        const model = compileSparse(image, {}, { layout });
        expect(model.report.reference).toEqual([]);
        expectClose(model.predict(x), run(image, x));
      }
    }
  });

  test("layouts of convolutions are measured too", () => {
    const { report } = compileSparse(program, {}, { batch: 9, milliseconds: 3 });
    expect(report.layers.map(({ op, inputs }) => [op, inputs])).toEqual([
      ["conv2d", 25],
      ["conv2d", 54],
      ["matmul", 210],
    ]);
  });
});

describe("what kernels cannot do", () => {
  const w = sparse(31, [6, 6], 0.5);
  const x = sparse(32, [5, 6], 0);

  test("runs in the interpreter, in front of chains, between them and behind, and is reported", () => {
    const program = trace((input: Tensor) => softmax(matmul(sigmoid(matmul(mul(input, 2), w)), w)), spec(["batch", 6]));
    const model = compileSparse(program, {}, { layout: "sliced" });
    expect(model.report.reference.map(({ op }) => op)).toEqual(["mul", "sigmoid", "softmax"]);
    expect(model.report.layers).toHaveLength(2);
    expectClose(model.predict(x), run(program, x));
  });

  test("a value that is read twice ends a chain", () => {
    const program = trace(
      (input: Tensor) => {
        const a = relu(matmul(input, w));
        return add(matmul(a, w), a);
      },
      spec(["batch", 6]),
    );
    const model = compileSparse(program, {}, { layout: "blocks" });
    expect(model.report.reference.map(({ op }) => op)).toEqual(["add"]);
    expectClose(model.predict(x), run(program, x));
  });

  test("biases that are no biases, products from the left, other dtypes, pooled places", () => {
    const programs = [
      trace((input: Tensor) => add(matmul(input, w), sparse(33, [5, 6], 0)), spec([5, 6])),
      trace((input: Tensor) => add(matmul(input, w), sparse(34, [1], 0)), spec([5, 6])),
      trace((input: Tensor) => matmul(sparse(35, [4, 5], 0), input), spec([5, 6])),
      trace((input: Tensor) => reshape(matmul(input, w), [6, 5]), spec([5, 6])),
      trace((input: Tensor) => reshape(relu(relu(add(relu(matmul(input, w)), 1))), [5, 3, 2]), spec([5, 6])),
      trace(
        (input: Tensor) => conv2d(reshape(matmul(input, w), [5, 1, 2, 3]), sparse(36, [2, 1, 2, 2], 0), { pads: 1 }),
        spec([5, 6]),
      ),
      trace(
        (input: Tensor) =>
          maxPool2d(conv2d(reshape(input, [5, 1, 2, 3]), sparse(36, [2, 1, 2, 2], 0), { pads: 1 }), {
            kernel: 2,
            pads: 1,
          }),
        spec([5, 6]),
      ),
    ];
    for (const program of programs) expectClose(compileSparse(program).predict(x), run(program, x));
    const doubles = trace((input: Tensor) => matmul(input, cast(w, "float64")), spec([5, 6], "float64"));
    const input = cast(x, "float64") as HostTensor;
    expect(compileSparse(doubles).predict(input).toArray()).toEqual(run(doubles, input).toArray());
  });

  test("a bias for every place behind a flatten is no bias of channels", () => {
    const weight = sparse(37, [2, 1, 2, 2], 0.5);
    const bias = sparse(38, [4], 0);
    const net = (input: Tensor): Tensor =>
      relu(add(reshape(conv2d(reshape(input, [5, 1, 2, 3]), weight), [5, 4]), bias));
    const program = trace(net, spec([5, 6]));
    expectClose(compileSparse(program, {}, { layout: "dense" }).predict(x), run(program, x));
  });

  test("elements of an image that become channels behind a flatten", () => {
    const image = sparse(42, [1, 1, 2, 2], 0);
    const point = sparse(43, [3, 4, 3, 3], 0);
    const net = (input: Tensor): Tensor => {
      const flat = reshape(conv2d(reshape(input, [5, 1, 2, 3]), image, { pads: [1, 0, 0, 0] }), [5, 4]);
      return conv2d(reshape(flat, [5, 4, 1, 1]), point, { pads: 1 });
    };
    const program = trace(net, spec([5, 6]));
    expectClose(compileSparse(program, {}, { layout: "sliced" }).predict(x), run(program, x));
  });

  test("a part that needs the size of the batch and reads nothing that has it", () => {
    const row = sparse(39, [6], 0);
    const program = trace(
      (input: Tensor) => {
        const rows = broadcastTo(row, [input.shape[0] as number, 6]);
        return concat([matmul(input, w), rows], 1);
      },
      spec(["batch", 6]),
    );
    expectClose(compileSparse(program, {}, { layout: "blocks" }).predict(x), run(program, x));
  });

  test("an input without axes", () => {
    const program = trace((input: Tensor) => mul(input, 2), spec([]));
    expect(compileSparse(program).predict(Float32Array.of(3)).toArray()).toBe(6);
    expect(codeOf(() => compileSparse(program).predict(Float32Array.of(3, 4)))).toBe("E_PARAMETERS");
  });

  test("a program without nodes gives its input", () => {
    const identity = trace((input: Tensor) => input, spec(["batch", 6]));
    expect(words(compileSparse(identity).predict(x))).toEqual(words(x));
  });
});

describe("bad input", () => {
  const w = sparse(41, [3, 2], 0);
  const program = trace((input: Tensor) => matmul(input, w), spec(["batch", 3]));
  const name = Object.keys(program.constants)[0] as string;

  test("options", () => {
    expect(codeOf(() => compileSparse(program, {}, { batch: 0 }))).toBe("E_OPTION");
    expect(codeOf(() => compileSparse(program, {}, { milliseconds: 0 }))).toBe("E_OPTION");
    expect(codeOf(() => compileSparse(program, {}, { goal: "fast" as "speed" }))).toBe("E_OPTION");
    expect(codeOf(() => compileSparse(program, {}, { layout: "csr" as "dense" }))).toBe("E_OPTION");
    expect(codeOf(() => compileSparse(program, {}, { engine: "gpu" as "wasm" }))).toBe("E_OPTION");
  });

  test("masks that do not fit, programs with several inputs", () => {
    expect(codeOf(() => compileSparse(program, { other: bits(new Uint8Array(6), [3, 2]) }))).toBe("E_MASK");
    expect(codeOf(() => compileSparse(program, { [name]: bits(new Uint8Array(6), [2, 3]) }))).toBe("E_MASK");
    const two = trace((a: Tensor, b: Tensor) => add(a, b), spec([2]), spec([2]));
    expect(codeOf(() => compileSparse(two))).toBe("E_GRAPH");
  });

  test("inputs that do not fit", () => {
    const model = compileSparse(program);
    expect(codeOf(() => model.predict(new Float32Array(4)))).toBe("E_PARAMETERS");
    expect(codeOf(() => model.predict(new Float32Array(6), 3))).toBe("E_PARAMETERS");
    expect(codeOf(() => model.predict(sparse(42, [2, 4], 0)))).toBe("E_PARAMETERS");
    expect(codeOf(() => model.predict(sparse(42, [2, 3], 0), 3))).toBe("E_PARAMETERS");
    expect(codeOf(() => model.predict(tensor([[1, 2, 3]], { dtype: "float64" })))).toBe("E_PARAMETERS");
    const fixed = compileSparse(trace((input: Tensor) => matmul(input, w), spec([2, 3])));
    expect(codeOf(() => fixed.predict(new Float32Array(9)))).toBe("E_PARAMETERS");
    expect(fixed.predict(new Float32Array(6)).shape).toEqual([2, 2]);
    expect(model.predict(new Float32Array(0)).shape).toEqual([0, 2]);
  });

  test("a model that was disposed", () => {
    const model = compileSparse(program);
    model.dispose();
    expect(codeOf(() => model.predict(new Float32Array(3)))).toBe("E_SPARSE");
  });
});
