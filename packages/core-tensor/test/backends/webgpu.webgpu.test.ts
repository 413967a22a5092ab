/**
 * The onnxruntime backend on its webgpu provider. Needs a WebGPU device: scripts/ci/webgpu.sh provides the SwiftShader
 * driver, which computes on the processor, where there is no GPU.
 *
 * WGSL promises neither NaN and infinities nor the last digits of trigonometric functions (their error is absolute, up to
 * 2^-11), and not every device has float16: cases with such values or types are left out here, and the tolerance is wide.
 * Every op runs in up to eight of its uses; all of them run on the processor in onnxruntime.test.ts.
 */
import { afterAll, describe, expect, test } from "vitest";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { spec } from "../../src/graph/spec.ts";
import { trace } from "../../src/graph/trace.ts";
import { add, cast, log, matmul, relu } from "../../src/ops/index.ts";
import type { OpName } from "../../src/ops/vocabulary.ts";
import { tensor } from "../../src/tensor/create.ts";
import { UnsupportedError } from "../../src/tensor/errors.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { type Case, cases, inputsOf, programOf, sample } from "../formats/onnx/cases.ts";
import { expectAgreement } from "../formats/onnx/compare.ts";
import { symbolicPrograms, training } from "../formats/onnx/programs.ts";

const usesPerOp = 8;
const wide = { float32: [1e-4, 2 ** -11] } as const;

const backend = await onnxruntime({ executionProviders: ["webgpu"], cpuFallback: true });
afterAll(() => backend.dispose());

const finite = (value: Tensor): boolean => Array.from(value.dataSync(), Number).every(Number.isFinite);

function isPortable({ inputs, attributes }: Case<object>): boolean {
  return (
    inputs.every((value) => value.dtype !== "float16" && finite(value)) &&
    !JSON.stringify(attributes).includes("float16")
  );
}

test("a dimension that turns out to be 0 is refused, since the provider would end the process", async () => {
  const graph = trace((x: Tensor) => matmul(x, [[1], [2]]), spec(["batch", 2]));
  const executable = await backend.compile(graph);
  const nothing = tensor(new Float32Array(0), { shape: [0, 2] });
  await expect(executable.run({ input: nothing })).rejects.toThrow(/cannot run with batch = 0/);
  expect((await executable.run({ input: [[1, 1]] })).output?.toArray()).toEqual([[3]]);
  await executable.dispose();
});

test("says where it computes", () => {
  expect(backend.device).toBe("webgpu+cpu");
});

describe("every primitive agrees with the reference", () => {
  test.each(Object.entries(cases))("%s", async (op, list) => {
    const portable = (list as readonly Case<object>[]).filter(isPortable);
    const stride = Math.ceil(portable.length / usesPerOp);
    for (let i = 0; i < portable.length; i += stride) {
      const one = portable[i] as Case<object>;
      const graph = programOf(op as OpName, one);
      const executable = await backend.compile(graph);
      expectAgreement(await executable.run(inputsOf(one)), interpret(graph, inputsOf(one)), `${op} ${i}`, wide);
      await executable.dispose();
    }
    expect(portable.length).toBeGreaterThan(0);
  });
});

describe("programs with symbolic dimensions", () => {
  test.each(Object.entries({ ...symbolicPrograms, training }))("%s", async (name, { graph, inputs }) => {
    const executable = await backend.compile(graph);
    for (const given of inputs) {
      // Several kernels of this provider cannot work on nothing.
      if (Object.values(given).some(({ size }) => size === 0)) continue;
      expectAgreement(await executable.run(given), interpret(graph, given), name, wide);
    }
    await executable.dispose();
  });
});

describe("without fallback", () => {
  test("a program of float32 runs on the device alone", async () => {
    const strict = await onnxruntime({ executionProviders: ["webgpu"] });
    expect(strict.device).toBe("webgpu");
    const weight = sample("float32", [4, 3]);
    const graph = trace((x: Tensor) => relu(add(matmul(x, weight), 1)), spec(["batch", 4], "float32", "x"));
    const executable = await strict.compile(graph);
    const x = sample("float32", [5, 4]);
    expectAgreement(await executable.run({ x }), interpret(graph, { x }), "layer", wide);
    await strict.dispose();
  });

  test("one that needs the processor is refused", async () => {
    const strict = await onnxruntime({ executionProviders: ["webgpu"] });
    const graph = trace((x: Tensor) => log(cast(x, "float64")), spec([2], "float32", "x"));
    await expect(strict.compile(graph)).rejects.toThrow(UnsupportedError);
    await expect(strict.compile(graph)).rejects.toThrow(/cpuFallback/);
    await strict.dispose();
  });
});
