import { type Graph, GraphBuilder, HostTensor, interpret } from "@parsimony/core-tensor";
import {
  type InputMode,
  type OutputMode,
  PatchExecutor,
  planLayers,
  planPatches,
  toNetwork,
} from "@parsimony/patch-infer";
import { describe, expect, test } from "vitest";
import { distance } from "../lower/compare.ts";

const inputs: readonly InputMode[] = ["external", "resident", "callback"];
const outputs: readonly OutputMode[] = ["external", "resident"];
const modes = inputs.flatMap((input) => outputs.map((output) => ({ input, output })));

/** Numbers between -1 and 1 that depend on where they stand. */
function numbers(shape: readonly number[]): HostTensor {
  const count = shape.reduce((all, dim) => all * dim, 1);
  return new HostTensor(
    "float32",
    shape,
    Float32Array.from({ length: count }, (_, i) => Math.sin(37 * i + 1)),
  );
}

function convolution(builder: GraphBuilder, x: string, channels: number, kernel: number, name?: string): string {
  const weights = builder.constant(numbers([channels, builder.type(x).shape[1] as number, kernel, kernel]));
  const before = kernel >> 1;
  const pads = [before, before, before, before] as const;
  const attributes = { strides: [1, 1], dilations: [1, 1], groups: 1, pads } as const;
  return builder.add("conv2d", [x, weights], attributes, name === undefined ? undefined : [name])[0] as string;
}

const image = [1, 4, 6, 6];

/** A program of one image "x". */
function program(write: (builder: GraphBuilder, x: string) => void): Graph {
  const builder = new GraphBuilder();
  write(builder, builder.input("x", { dtype: "float32", shape: image }));
  return builder.build();
}

/** Layer by layer with all kinds of inputs and outputs: what the program gives. */
function expectProgram(graph: Graph): void {
  const x = numbers(image);
  const expected = interpret(graph, { x });
  const network = toNetwork(graph);
  for (const mode of modes) {
    using executor = new PatchExecutor(network, planLayers(network, mode));
    const found = executor.run({ x });
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      const off = distance(found[name]?.dataSync() ?? [], (value as HostTensor).dataSync());
      expect(off, `${name} ${JSON.stringify(mode)}`).toBeLessThan(1e-5);
    }
    expect(executor.highWaterBytes).toBe(executor.arenaBytes);
  }
}

describe("a convolution of one cell is added to every cell of a map", () => {
  const graph = (order: (gate: string, x: string) => [string, string]): Graph =>
    program((builder, given) => {
      const [x] = builder.add("abs", [given], {}) as [string];
      const [mean] = builder.add("mean", [x], { axes: [2, 3], keepDims: true }) as [string];
      const gate = convolution(builder, mean, 4, 1);
      builder.output("y", builder.add("add", order(gate, x), {})[0] as string);
    });

  test("as the right operand, and as the left one", () => {
    expectProgram(graph((gate, x) => [x, gate]));
    expectProgram(graph((gate, x) => [gate, x]));
  });
});

describe("an input that is an output too", () => {
  const graph = program((builder, x) => {
    builder.output("y", builder.add("abs", [x], {})[0] as string);
    builder.output("same", x);
  });

  test("is given out as it came in, also where a layer overwrites it", () => {
    expectProgram(graph);
  });

  test("stays in the arena to the end, if it is there at all: programs in C give it out from there", () => {
    const plan = planLayers(toNetwork(graph), { input: "resident", output: "external" });
    const kept = plan.buffers.find(({ name }) => name === "map:x");
    expect([kept?.first, kept?.last]).toEqual([0, plan.moments.length - 1]);
    expect(plan.buffers.filter(({ takesOver }) => takesOver !== undefined)).toEqual([]);
  });

  test("is asked of a function", async () => {
    const network = toNetwork(graph);
    const x = numbers(image);
    const [port] = network.inputs;
    expect(port?.layout).toBe("nchw");
    const cells = x.dataSync() as Float32Array;
    const source = (
      box: { rows: { start: number; end: number }; columns: { start: number; end: number } },
      into: Float32Array | Int8Array,
    ): void => {
      let at = 0;
      for (let row = box.rows.start; row < box.rows.end; row++) {
        for (let column = box.columns.start; column < box.columns.end; column++) {
          for (let channel = 0; channel < 4; channel++) {
            into[at++] = cells[channel * 36 + row * 6 + column] as number;
          }
        }
      }
    };
    for (const mode of modes) {
      using executor = new PatchExecutor(
        network,
        planPatches(network, { split: 1, grid: { rows: 2, columns: 3 }, ...mode }),
      );
      expect(executor.run(source)["same"]?.dataSync()).toEqual(cells);
      const later = async (...part: Parameters<typeof source>): Promise<void> => {
        await Promise.resolve();
        source(...part);
      };
      expect((await executor.runAsync(later))["same"]?.dataSync()).toEqual(cells);
    }
  });

  test("a program without layers", () => {
    expectProgram(program((builder, x) => builder.output("y", x)));
  });
});

describe("names that every object has", () => {
  test.each(["constructor", "toString", "hasOwnProperty"])("%s", (name) => {
    const builder = new GraphBuilder();
    const x = builder.input(name, { dtype: "float32", shape: image });
    const inner = convolution(builder, x, 3, 3, "valueOf");
    builder.output("__proto__", builder.add("add", [inner, convolution(builder, inner, 3, 3)], {})[0] as string);
    const graph = builder.build();
    const network = toNetwork(graph);
    const plan = planPatches(network, {
      split: network.layers.length,
      grid: { rows: 2, columns: 2 },
      overlap: "cacheBoth",
    });
    using executor = new PatchExecutor(network, JSON.parse(JSON.stringify(plan)));
    const found = executor.run({ [name]: numbers(image) });
    expect(Object.keys(found)).toEqual(["__proto__"]);
    expect(() => executor.run({})).toThrow(`input "${name}" is missing`);
  });
});
