import * as ort from "onnxruntime-node";
import * as ortWeb from "onnxruntime-web";
import { afterAll, describe, expect, test } from "vitest";
import {
  type OnnxRuntimeOptions,
  type OrtModule,
  type OrtSession,
  onnxruntime,
} from "../../src/backends/onnxruntime/index.ts";
import { loadOrt } from "../../src/backends/onnxruntime/ort.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { spec } from "../../src/graph/spec.ts";
import { trace } from "../../src/graph/trace.ts";
import { add, cast, gather, mul, neg, relu } from "../../src/ops/index.ts";
import type { OpName } from "../../src/ops/vocabulary.ts";
import { tensor } from "../../src/tensor/create.ts";
import { DeviceError, UnsupportedError } from "../../src/tensor/errors.ts";
import { HostTensor } from "../../src/tensor/host.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { type Case, cases, inputsOf, programOf, sample, values } from "../formats/onnx/cases.ts";
import { expectAgreement, tolerances } from "../formats/onnx/compare.ts";
import { quantizedProduct, symbolicPrograms, training } from "../formats/onnx/programs.ts";

const backend = await onnxruntime({ intraOpNumThreads: 1 });

afterAll(() => backend.dispose());

/** Computes once and frees. */
async function runOnce(
  graph: Parameters<typeof backend.compile>[0],
  inputs: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const executable = await backend.compile(graph);
  try {
    return await executable.run(inputs);
  } finally {
    await executable.dispose();
  }
}

/** Ops that add products of size 1 by the dozen: in float32 the sum may be off by some 1e-8 per term, also where it is near 0. */
const sumsOfProducts: readonly string[] = ["matmul", "conv2d", "convTranspose2d", "conv2dWeightGrad"];
const wider = { float32: [1e-5, 1e-5] } as const;

describe("every primitive agrees with the reference", () => {
  test.each(Object.entries(cases))("%s", async (op, list) => {
    for (const [i, one] of (list as readonly Case<object>[]).entries()) {
      const graph = programOf(op as OpName, one);
      const label = `case ${i}, ${one.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ")} ${JSON.stringify(one.attributes).slice(0, 120)}`;
      const own = sumsOfProducts.includes(op) ? { ...tolerances, ...wider } : tolerances;
      expectAgreement(await runOnce(graph, inputsOf(one)), interpret(graph, inputsOf(one)), label, own);
    }
  });
});

describe("one program serves every value of its symbolic dimensions", () => {
  test.each(Object.entries({ ...symbolicPrograms, training }))("%s", async (name, { graph, inputs }) => {
    const executable = await backend.compile(graph);
    for (const [i, given] of inputs.entries()) {
      expectAgreement(await executable.run(given), interpret(graph, given), `${name} ${i}`);
    }
    await executable.dispose();
  });
});

const double = trace((x: Tensor) => mul(x, 2), spec(["n"], "float32", "x"));

describe("values at the border", () => {
  test.each([
    ["nothing", trace(() => ({ a: tensor([1, 2]) })), {}],
    ["an input as it is", trace((x: Tensor) => x, spec([2], "float32", "x")), { x: values("float32", [1, 2]) }],
    [
      "one value twice",
      trace((x: Tensor) => [x, x, neg(x)], spec([2], "float32", "x")),
      { x: values("float32", [1, 2]) },
    ],
    ["a constant twice", trace(() => [values("int32", [4]), values("int32", [4])]), {}],
    ["scalars", trace((x: Tensor) => add(x, 1), spec([], "float32", "x")), { x: values("float32", [1], []) }],
    [
      "no elements",
      trace((x: Tensor) => add(x, 1), spec([0, 2], "float32", "x")),
      { x: values("float32", [], [0, 2]) },
    ],
    [
      "an output named as an input",
      trace((x: { w: Tensor }) => ({ w: neg(x.w) }), { w: spec([1]) } as never),
      { w: values("float32", [3]) },
    ],
    [
      "an output named as another input",
      trace((x: { a: Tensor; b: Tensor }) => ({ a: x.b, b: x.a }), { a: spec([1]), b: spec([1]) } as never),
      { a: values("float32", [1]), b: values("float32", [2]) },
    ],
  ])("%s", async (label, graph, inputs) => {
    expectAgreement(await runOnce(graph, inputs), interpret(graph, inputs), label);
  });

  test.each([
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "int32",
    "int64",
    "uint8",
    "int8",
    "bool",
    "int4",
    "uint4",
    "int2",
  ] as const)("%s goes in and comes out unchanged", async (dtype) => {
    const x = sample(dtype, [3, 5], -100, 100);
    const graph = trace((value: Tensor) => [value, cast(value, "float64")], spec([3, 5], dtype, "x"));
    const { 0: same, 1: wide } = await runOnce(graph, { x });
    expect(same).toBeInstanceOf(HostTensor);
    expect((same as HostTensor).storage).toEqual(x.storage);
    expect(Array.from(wide!.dataSync(), Number)).toEqual(Array.from(x.dataSync(), Number));
  });

  test("int64 keeps all of its bits", async () => {
    const x = tensor(BigInt64Array.of(2n ** 62n + 1n, -(2n ** 63n)));
    const { output } = await runOnce(
      trace((value: Tensor) => add(value, value), spec([2], "int64", "x")),
      { x },
    );
    expect(output!.dataSync()).toEqual(BigInt64Array.of(-(2n ** 63n) + 2n, 0n));
  });

  test("strided inputs are laid out, dense ones seen in place", async () => {
    const seen: unknown[] = [];
    class Spy extends (ort.Tensor as unknown as new (...args: unknown[]) => object) {
      constructor(...args: unknown[]) {
        super(...args);
        seen.push(args[1]);
      }
    }
    const spied = await onnxruntime({ ort: { ...ort, Tensor: Spy as never } });
    const executable = await spied.compile(trace((x: Tensor) => relu(x), spec([2, 2], "float32", "x")));
    const dense = values("float32", [1, -2, 3, 4], [2, 2]);
    const turned = new HostTensor("float32", [2, 2], dense.storage, { strides: [1, 2], offset: 0 });
    const first = await executable.run({ x: dense });
    expect(seen[0]).toBe(dense.storage);
    expect((await executable.run({ x: turned }))["output"]!.toArray()).toEqual([
      [1, 3],
      [0, 4],
    ]);
    // A later run does not write into the results of an earlier one.
    expect(first["output"]!.toArray()).toEqual([
      [1, 0],
      [3, 4],
    ]);
    await spied.dispose();
  });

  test("4-bit values beside bytes of the same shape", async () => {
    const x = sample("int8", [4, 9], -100, 100);
    const graph = trace(
      (value: Tensor) => {
        const nibbles = cast(value, "int4");
        return [cast(nibbles, "int8"), cast(cast(nibbles, "int8"), "float32"), add(cast(nibbles, "int8"), value)];
      },
      spec([4, 9], "int8", "x"),
    );
    expectAgreement(await runOnce(graph, { x }), interpret(graph, { x }), "int4");
  });

  test("4-bit weights of a product", async () => {
    const graph = quantizedProduct();
    const x = sample("float32", [3, 8]);
    expectAgreement(await runOnce(graph, { x }), interpret(graph, { x }), "weights");
  });
});

describe("what a program refuses", () => {
  test("inputs that do not fit, by name", async () => {
    const executable = await backend.compile(double);
    await expect(executable.run({})).rejects.toThrow(/x/);
    await expect(executable.run({ x: values("int32", [1]) })).rejects.toThrow(/expected float32/);
    await expect(executable.run({ x: values("float32", [1], [1, 1]) })).rejects.toThrow(/expected \[n\]/);
    await executable.dispose();
  });

  test("what goes wrong inside the engine is a DeviceError with its cause", async () => {
    const graph = trace(
      (x: Tensor, at: Tensor) => gather(x, at, 0),
      spec([2], "float32", "x"),
      spec([1], "int32", "at"),
    );
    const executable = await backend.compile(graph);
    const failure = await executable
      .run({ x: values("float32", [1, 2]), at: values("int32", [5]) })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as DeviceError).cause).toBeInstanceOf(Error);
    await executable.dispose();
  });

  test("a dimension that no input has", async () => {
    const graph = trace((x: Tensor) => mul(x, 2), spec(["n"], "float32", "x"));
    const lost = {
      ...graph,
      nodes: [{ op: "iota", inputs: [], outputs: ["i"], attributes: { length: "m", dtype: "float32" } }],
      outputs: [{ name: "i", value: "i" }],
      types: { ...graph.types, i: { dtype: "float32" as const, shape: ["m"] } },
    };
    await expect(backend.compile(lost)).rejects.toThrow(UnsupportedError);
    await expect(backend.compile(lost)).rejects.toThrow(/"m"/);
  });
});

describe("lifetimes", () => {
  test("programs are counted, freed once, and gone afterwards", async () => {
    const own = await onnxruntime();
    const first = await own.compile(double);
    const second = await own.compile(double);
    expect(own.memory()).toEqual({ programs: 2, tensors: 0, bytes: 0 });
    await first.dispose();
    await first.dispose();
    expect(own.memory().programs).toBe(1);
    await expect(first.run({ x: [1] })).rejects.toThrow(DeviceError);
    await own.dispose();
    expect(own.memory().programs).toBe(0);
    await expect(second.run({ x: [1] })).rejects.toThrow(/disposed/);
    await expect(own.compile(double)).rejects.toThrow(/disposed/);
  });

  test("signals stop what has not begun", async () => {
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(backend.compile(double, { signal: aborted })).rejects.toThrow("enough");
    const executable = await backend.compile(double);
    await expect(executable.run({ x: [1] }, { signal: aborted })).rejects.toThrow("enough");
    await executable.dispose();
  });

  test("put gives host tensors", async () => {
    const value = tensor([1, 2]);
    expect(await backend.put(value)).toBe(value);
    expect((await backend.put([1, 2])).toArray()).toEqual([1, 2]);
  });

  /** A module that opens sessions without an engine and counts them. */
  function counting(onCreate: (options: Record<string, unknown>) => void = () => {}): {
    module: OrtModule;
    open: () => number;
  } {
    let open = 0;
    const session: OrtSession = { run: () => Promise.resolve({}), release: () => Promise.resolve(void open--) };
    const create = async (_model: Uint8Array, options: object = {}): Promise<OrtSession> => {
      onCreate(options as Record<string, unknown>);
      open++;
      return session;
    };
    return { module: { Tensor: ort.Tensor, InferenceSession: { create } }, open: () => open };
  }

  test("a session that was opened for nothing is released", async () => {
    const abort = new AbortController();
    let calls = 0;
    const { module, open } = counting(() => void (++calls === 2 && abort.abort(new Error("changed my mind"))));
    const own = await onnxruntime({ ort: module });
    await expect(own.compile(double, { signal: abort.signal })).rejects.toThrow("changed my mind");
    expect(open()).toBe(0);
    const late = own.compile(double);
    await own.dispose();
    await expect(late).rejects.toThrow(/disposed/);
    expect(open()).toBe(0);
  });

  test.each<[OnnxRuntimeOptions, string, unknown]>([
    [{}, "cpu", undefined],
    [{ executionProviders: ["wasm"] }, "wasm", undefined],
    [{ executionProviders: ["webgpu"] }, "webgpu", { session: { disable_cpu_ep_fallback: "1" } }],
    [{ executionProviders: [{ name: "cuda" }, "cpu"] }, "cuda", { session: { disable_cpu_ep_fallback: "1" } }],
    [{ executionProviders: ["webgpu"], cpuFallback: true }, "webgpu+cpu", undefined],
    [
      { executionProviders: ["webgpu"], sessionOptions: { extra: { session: { a: "b" } } } },
      "webgpu",
      { session: { a: "b", disable_cpu_ep_fallback: "1" } },
    ],
  ])("%o computes on %s", async (options, device, extra) => {
    const seen: Record<string, unknown>[] = [];
    const { module } = counting((given) => void seen.push(given));
    const own = await onnxruntime({ ...options, ort: module, intraOpNumThreads: 3 });
    expect(own.name).toBe("onnxruntime");
    expect(own.device).toBe(device);
    await own.compile(double);
    // The provider that comes first is tried alone; programs get the list.
    expect(seen[0]!["executionProviders"]).toEqual(options.executionProviders?.slice(0, 1));
    expect(seen[1]!["executionProviders"]).toEqual(options.executionProviders);
    expect(seen[1]).toMatchObject({ intraOpNumThreads: 3 });
    expect(seen[1]!["extra"]).toEqual(extra);
  });

  test("a program that a provider cannot run alone is refused with the way out", async () => {
    let calls = 0;
    const { module } = counting(() => {
      if (++calls > 1) throw new Error("fallback to CPU EP has been explicitly disabled by the user");
    });
    const own = await onnxruntime({ ort: module, executionProviders: ["webgpu"] });
    await expect(own.compile(double)).rejects.toThrow(/cpuFallback/);
    expect(own.memory().programs).toBe(0);
  });
});

describe("where the engine comes from", () => {
  test("a provider that does not start is a DeviceError, not another provider", async () => {
    await expect(onnxruntime({ executionProviders: ["nonsense"] })).rejects.toThrow(DeviceError);
    await expect(onnxruntime({ executionProviders: ["nonsense", "cpu"] })).rejects.toThrow(/"nonsense" does not start/);
  });

  test("a missing package is named", async () => {
    await expect(loadOrt(undefined, "no-such-onnxruntime")).rejects.toThrow(
      /"no-such-onnxruntime" is missing.*npm install/,
    );
  });

  test("an injected module is used: onnxruntime-web on WebAssembly", async () => {
    ortWeb.env.wasm.numThreads = 1;
    const own = await onnxruntime({ ort: ortWeb });
    expect(own.device).toBe("wasm");
    for (const { graph, inputs } of [symbolicPrograms["convGradient"]!, training]) {
      const executable = await own.compile(graph);
      expectAgreement(await executable.run(inputs[0]!), interpret(graph, inputs[0]!), graph.name);
    }
    await own.dispose();
  });
});
