import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { tfjs } from "../../../src/backends/tfjs/index.ts";
import {
  add,
  conv2d,
  crossEntropy,
  customVjp,
  div,
  exp,
  grad,
  interpret,
  linear,
  matmul,
  maxPool2d,
  mean,
  mul,
  relu,
  rem,
  reshape,
  scan,
  spec,
  sub,
  sum,
  tanh,
  tensor,
  toHost,
  trace,
  valueAndGrad,
  where,
} from "../../../src/index.ts";
import type { Graph } from "../../../src/ops/program.ts";
import type { ConvAttributes } from "../../../src/ops/vocabulary.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { type Tolerance, expectAgrees, usual } from "./compare.ts";
import { engines, held, tf, useEngine } from "./engines.ts";
import { floats, named, noise, single, values, wholes } from "./graphs.ts";

/** Runs a program on the engine and on the reference, compares, and checks that nothing is left behind. */
async function compare(
  graph: Graph,
  inputs: Readonly<Record<string, HostTensor>>,
  tolerance: Tolerance = usual,
): Promise<void> {
  const before = held();
  const backend = tfjs(tf);
  const executable = await backend.compile(graph);
  const outputs = await executable.run(inputs);
  const expected = interpret(graph, inputs);
  expect(Object.keys(outputs)).toEqual(Object.keys(expected));
  for (const [name, output] of Object.entries(outputs))
    await expectAgrees(output, expected[name] as HostTensor, tolerance, name);
  await backend.dispose();
  expect(held()).toEqual(before);
}

describe.each(engines)("programs on the %s backend of TensorFlow.js", (engine) => {
  beforeAll(() => useEngine(engine));

  test("one program serves every batch size", async () => {
    const w = floats([3, 2], 7);
    const graph = trace((x: Tensor) => mean(tanh(matmul(reshape(x, [-1, 3]), w)), 0), spec(["batch", 3]));
    const backend = tfjs(tf);
    const executable = await backend.compile(graph);
    for (const rows of [1, 4, 0, 4, 9]) {
      const input = floats([rows, 3], rows + 1);
      const { output } = await executable.run({ input });
      await expectAgrees(output as Tensor, interpret(graph, { input })["output"] as HostTensor);
    }
    await backend.dispose();
  });

  test("scan carries state, takes slices and stacks results, forwards and backwards", async () => {
    for (const reverse of [false, true]) {
      const graph = trace(
        (start: Tensor, xs: Tensor, scale: Tensor) =>
          scan(
            (total: Tensor, x: Tensor) => [add(mul(total, scale), x), { product: mul(total, x), kept: total }],
            start,
            xs,
            { reverse },
          ),
        spec([2]),
        spec([5, 2]),
        spec([]),
      );
      await compare(graph, { arg0: floats([2]), arg1: floats([5, 2], 2), arg2: values([0.5], "float32", []) });
    }
  });

  test("scan of no steps gives the carry and nothing", async () => {
    const graph = trace(
      (start: Tensor, xs: Tensor) => scan((total: Tensor, x: Tensor) => [add(total, x), total], start, xs),
      spec([2]),
      spec(["steps", 2]),
    );
    await compare(graph, { arg0: floats([2]), arg1: floats([0, 2]) });
    await compare(graph, { arg0: floats([2]), arg1: floats([3, 2]) });
  });

  test("a scan whose step ignores its slice, or returns its carry unchanged", async () => {
    const graph = trace(
      (start: Tensor, xs: Tensor) => scan((total: Tensor, _x: Tensor) => [total, [total, total]], start, xs),
      spec([2]),
      spec([3, 4]),
    );
    await compare(graph, { arg0: floats([2]), arg1: floats([3, 4]) });
  });

  test("a scan in a scan", async () => {
    const graph = trace(
      (start: Tensor, xs: Tensor) =>
        scan(
          (total: Tensor, row: Tensor) => {
            const [inner] = scan((a: Tensor, x: Tensor) => [add(mul(a, 0.5), x), []], total, row);
            return [inner, inner];
          },
          start,
          xs,
        ),
      spec([]),
      spec([3, 4]),
    );
    await compare(graph, { arg0: values([1], "float32", []), arg1: floats([3, 4]) });
  });

  test("a scan of optimiser steps, differentiated inside", async () => {
    const x = floats([8, 3], 3);
    const y = floats([8, 1], 4);
    const loss = (w: Tensor): Tensor => mean(mul(sub(matmul(x, w), y), sub(matmul(x, w), y)));
    const graph = trace(
      (w: Tensor) =>
        scan((current: Tensor) => [sub(current, mul(grad(loss)(current), 0.1)), loss(current)], w, null, {
          length: 20,
        }),
      spec([3, 1]),
    );
    await compare(graph, { input: floats([3, 1]) });
  });

  test("customVjp: the function itself, its rule inside a gradient", async () => {
    const clipped = customVjp((x: Tensor): Tensor => exp(x), {
      forward: (x) => [exp(x), x],
      backward: (x, g) => [where(tensor(true), mul(g, x), g)],
    });
    await compare(
      trace((x: Tensor) => clipped(x), spec([3])),
      { input: floats([3]) },
    );
    await compare(
      trace((x: Tensor) => grad((v: Tensor) => sum(clipped(v)))(x), spec([3])),
      { input: floats([3]) },
    );
  });

  test("the gradient of a small network with a convolution", async () => {
    const network = (p: { kernel: Tensor; weight: Tensor; bias: Tensor }, images: Tensor, labels: Tensor): Tensor => {
      const features = maxPool2d(relu(conv2d(images, p.kernel, { pads: 1 })), { kernel: 2 });
      return crossEntropy(linear(reshape(features, [-1, 36]), p.weight, p.bias), labels);
    };
    const graph = trace(
      valueAndGrad(network),
      { kernel: spec([4, 1, 3, 3]), weight: spec([36, 5]), bias: spec([5]) },
      spec(["batch", 1, 6, 6]),
      spec(["batch"], "int32"),
    );
    const inputs = Object.fromEntries(
      graph.inputs.map((name, i) => {
        const { dtype, shape } = graph.types[name] as { dtype: string; shape: readonly (number | string)[] };
        const concrete = shape.map((dim) => (dim === "batch" ? 7 : (dim as number)));
        return [name, dtype === "int32" ? wholes(concrete, 0, 5) : floats(concrete, i + 1, -0.5, 0.5)];
      }),
    );
    await compare(graph, inputs);
  });

  test("a pool whose positions nobody reads", async () => {
    const graph = trace((x: Tensor) => maxPool2d(x, { kernel: 2, strides: 1, pads: 1 }), spec([1, 2, 4, 4]));
    await compare(graph, { input: floats([1, 2, 4, 4]) });
  });

  test("convolution and its adjoints with any strides, dilations, pads and groups", async () => {
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    const geometry = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      size: pair(5, 9),
      kernel: pair(1, 3),
      strides: pair(1, 3),
      dilations: pair(1, 2),
      begin: pair(0, 2),
      end: pair(0, 2),
      groups: fc.integer({ min: 1, max: 3 }),
      perGroup: fc.integer({ min: 1, max: 2 }),
      outPerGroup: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(
        geometry,
        async ({ batch, size, kernel, strides, dilations, begin, end, groups, perGroup, outPerGroup }) => {
          const x = floats([batch, groups * perGroup, ...size]);
          const weight = floats([groups * outPerGroup, perGroup, ...kernel], 2);
          const attributes: ConvAttributes = { strides, dilations, groups, pads: [...begin, ...end] };
          const conv = single("conv2d", [x, weight], attributes);
          await compare(conv, named([x, weight]));
          const dy = interpret(conv, named([x, weight]))["y0"] as HostTensor;
          const weightGradient = single("conv2dWeightGrad", [x, dy], { ...attributes, kernel });
          await compare(weightGradient, named([x, dy]), { relative: 1e-5, absolute: 1e-4 });
          const [rest0, rest1] = [0, 1].map((axis) => {
            const padded = (size[axis] as number) + (begin[axis] as number) + (end[axis] as number);
            return (
              (padded - (dilations[axis] as number) * ((kernel[axis] as number) - 1) - 1) % (strides[axis] as number)
            );
          }) as [number, number];
          const adjoint = single("convTranspose2d", [dy, weight], { ...attributes, outputPadding: [rest0, rest1] });
          await compare(adjoint, named([dy, weight]), { relative: 1e-5, absolute: 1e-4 });
        },
      ),
      { numRuns: 60 },
    );
  });

  test("special functions over their domains", async () => {
    const line = (low: number, high: number, count = 2000): HostTensor =>
      values(Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count));
    const check = async (op: "lgamma" | "erfInv" | "erf" | "log1p" | "expm1", x: HostTensor): Promise<void> =>
      compare(single(op, [x], {}), named([x]), { relative: 2e-6, absolute: 1e-6 });
    for (const [low, high] of [
      [0.001, 3],
      [3, 60],
      [60, 1e5],
      [-3.98, -3.02],
    ] as const)
      await check("lgamma", line(low, high));
    await check("erfInv", line(-1, 1));
    await check("erf", line(-4, 4));
    await check("log1p", line(-0.99, 3));
    await check("expm1", line(-3, 3));
    for (const order of [0, 1, 2, 5]) {
      for (const [low, high] of [
        [0.05, 3],
        [3, 60],
      ] as const) {
        const x = line(low, high);
        await compare(single("polygamma", [x], { order }), named([x]), { relative: 1e-5, absolute: 2e-6 });
      }
    }
  });

  test("an output may give an input, a constant, or what another output gives", async () => {
    const graph = trace(
      (x: Tensor) => {
        const y = exp(x);
        return { x, constant: tensor([1, 2]), y, again: y };
      },
      spec([2]),
    );
    await compare(graph, { input: floats([2]) });
  });

  test("tensors on the device go in as they are and stay", async () => {
    const before = held();
    const backend = tfjs(tf);
    const x = await backend.put([1, 2, 3]);
    expect(await backend.put(x)).toBe(x);
    const executable = await backend.compile(trace((v: Tensor) => mul(v, 2), spec([3])));
    const { output: once } = await executable.run({ input: x });
    const { output: twice } = await executable.run({ input: once as Tensor });
    expect([...((await (twice as Tensor).data()) as Float32Array)]).toEqual([4, 8, 12]);
    expect([...((await x.data()) as Float32Array)]).toEqual([1, 2, 3]);
    await backend.dispose();
    expect(held()).toEqual(before);
  });

  test("tensors of another backend are fetched", async () => {
    const first = tfjs(tf);
    const second = tfjs(tf);
    const executable = await second.compile(trace((v: Tensor) => add(v, v), spec([2])));
    const { output } = await executable.run({ input: await first.put([1, 2]) });
    expect((await toHost(output as Tensor)).toArray()).toEqual([2, 4]);
    expect((await toHost(await second.put(await first.put([3])))).toArray()).toEqual([3]);
    await first.dispose();
    await second.dispose();
  });

  test("quotients and remainders of int32 are exact for all numbers", async () => {
    const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const divisor = fc.oneof(fc.integer({ min: -300, max: 300 }), whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(whole, divisor), { minLength: 1, maxLength: 200 }), async (list) => {
        const graph = trace(
          (a: Tensor, b: Tensor) => [div(a, b), rem(a, b), mul(a, b)],
          spec([list.length], "int32"),
          spec([list.length], "int32"),
        );
        const inputs = {
          arg0: values(
            list.map(([a]) => a),
            "int32",
          ),
          arg1: values(
            list.map(([, b]) => b),
            "int32",
          ),
        };
        await compare(graph, inputs);
      }),
      { numRuns: 20 },
    );
  });

  test("long sums stay accurate in float32", async () => {
    const numbers = noise(300000, 0, 1);
    const graph = trace((x: Tensor) => [sum(x), mean(x)], spec([numbers.length]));
    await compare(graph, { input: values(numbers) }, { relative: 1e-6, absolute: 0 });
  });
});
