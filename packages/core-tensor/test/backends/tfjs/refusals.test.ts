import { beforeEach, describe, expect, test } from "vitest";
import { type Backend, type Tf, tfjs } from "../../../src/backends/tfjs/index.ts";
import {
  ArgumentError,
  DTypeError,
  DeviceError,
  ShapeError,
  UnsupportedError,
  add,
  cast,
  conv2d,
  exp,
  interpret,
  scan,
  spec,
  tensor,
  trace,
} from "../../../src/index.ts";
import type { Graph } from "../../../src/ops/program.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { held, tf, useEngine } from "./engines.ts";
import { floats, values } from "./graphs.ts";

async function refusal(backend: Backend, graph: Graph): Promise<UnsupportedError> {
  const before = held();
  const error: unknown = await backend.compile(graph).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UnsupportedError);
  expect(held()).toEqual(before);
  return error as UnsupportedError;
}

/** The engine without some kernels. */
function lacking(...kernels: string[]): Tf {
  return {
    ...tf,
    getKernel: (name: string, backend: string) => (kernels.includes(name) ? undefined : tf.getKernel(name, backend)),
  } as Tf;
}

describe("what tfjs refuses", () => {
  beforeEach(() => useEngine("cpu"));

  test("every dtype that the engine cannot carry is named at once", async () => {
    const graph = trace(
      (x: Tensor, y: Tensor) => [add(x, x), cast(y, "float16"), cast(y, "bfloat16")],
      spec([2], "float64", "wide"),
      spec([2]),
    );
    const { target, reasons } = await refusal(tfjs(tf), graph);
    expect(target).toBe("tfjs (cpu)");
    expect(reasons.map((reason) => reason.split(" ")[0]).sort()).toEqual(["bfloat16", "float16", "float64"]);
    expect(reasons.find((reason) => reason.startsWith("float64"))).toContain('"wide"');
  });

  test("missing kernels are named with their op, in programs inside programs too", async () => {
    const graph = trace(
      (x: Tensor, w: Tensor, xs: Tensor) => [
        conv2d(x, w),
        scan((a: Tensor, b: Tensor) => [exp(add(a, b)), []], tensor(0), xs)[0],
      ],
      spec([1, 1, 3, 3]),
      spec([1, 1, 2, 2]),
      spec([4]),
    );
    const { reasons } = await refusal(tfjs(lacking("Conv2D", "Exp")), graph);
    expect(reasons).toEqual([
      'op "conv2d": needs the kernel "Conv2D", which the backend "cpu" of TensorFlow.js does not have',
      'op "exp": needs the kernel "Exp", which the backend "cpu" of TensorFlow.js does not have',
    ]);
  });

  test("a grouped convolution asks for what it uses only", async () => {
    const graph = trace((x: Tensor, w: Tensor) => conv2d(x, w, { groups: 2 }), spec([1, 2, 3, 3]), spec([2, 1, 2, 2]));
    const backend = tfjs(lacking("Conv2D"));
    const { output } = await (await backend.compile(graph)).run({
      arg0: floats([1, 2, 3, 3]),
      arg1: floats([2, 1, 2, 2]),
    });
    expect(output?.shape).toEqual([1, 2, 2, 2]);
    await backend.dispose();
    expect((await refusal(tfjs(lacking("DepthwiseConv2dNative")), graph)).reasons).toHaveLength(1);
  });

  test("unknown ops", async () => {
    const graph = trace((x: Tensor) => exp(x), spec([2]));
    const strange: Graph = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, op: "toString" })) };
    expect((await refusal(tfjs(tf), strange)).reasons).toEqual(['op "toString": unknown']);
  });

  test("int64 beyond int32: in constants at compile, in inputs at run, in put", async () => {
    const big = tensor(BigInt64Array.of(1n, 2n ** 31n));
    const withConstant = trace((x: Tensor) => add(x, big), spec([2], "int64"));
    expect((await refusal(tfjs(tf), withConstant)).reasons[0]).toMatch(/constant ".*": element 1 is beyond int32/);
    const backend = tfjs(tf);
    const executable = await backend.compile(trace((x: Tensor) => add(x, x), spec([2], "int64")));
    await expect(executable.run({ input: big })).rejects.toThrow(ArgumentError);
    await expect(backend.put(big)).rejects.toThrow(ArgumentError);
    await backend.dispose();
  });

  test("put refuses dtypes that the engine cannot carry", async () => {
    await expect(tfjs(tf).put(values([1], "float64"))).rejects.toThrow(UnsupportedError);
  });

  test("inputs that are missing, unknown or do not fit are named", async () => {
    const backend = tfjs(tf);
    const executable = await backend.compile(trace((x: Tensor) => exp(x), spec([2])));
    await expect(executable.run({})).rejects.toThrow('input "input"');
    await expect(executable.run({ input: [1, 2], other: 3 })).rejects.toThrow("unknown other");
    await expect(executable.run({ input: [1, 2, 3] })).rejects.toThrow(ShapeError);
    await expect(executable.run({ input: values([1, 2], "int32") })).rejects.toThrow(DTypeError);
    await backend.dispose();
  });

  test("an engine that is not ready, is another than asked for, or was switched", async () => {
    const graph = trace((x: Tensor) => exp(x), spec([2]));
    expect(() => tfjs({ ...tf, getBackend: () => undefined as never })).toThrow(DeviceError);
    expect(() => tfjs(tf, { device: "webgl" })).toThrow('expected the engine\'s backend "webgl", got "cpu"');
    const backend = tfjs(tf, { device: "cpu" });
    expect(backend).toMatchObject({ name: "tfjs", device: "cpu" });
    const executable = await backend.compile(graph);
    await useEngine("wasm");
    await expect(executable.run({ input: [1, 2] })).rejects.toThrow(
      'computes on "cpu", but the engine now uses "wasm"',
    );
    await expect(backend.compile(graph)).rejects.toThrow(DeviceError);
    await expect(backend.put([1])).rejects.toThrow(DeviceError);
    await useEngine("cpu");
    const { output } = await executable.run({ input: [0, 1] });
    expect(Array.from((await output?.data()) as Float32Array)[1]).toBeCloseTo(
      interpret(graph, { input: [0, 1] })["output"]?.dataSync()[1] as number,
      6,
    );
    await backend.dispose();
  });
});
