import { afterEach, describe, expect, test, vi } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { fastestKernels, hasWasmKernels, wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { Conv2d, Layer } from "../../src/network/layer.ts";
import { callOf, floatMap, networkOf, wholeBox } from "./oneLayer.ts";

const input = floatMap("in", 1, 2, 1);
const output = floatMap("out", 1, 2, 1);
const conv: Conv2d = {
  kind: "conv2d",
  name: "double",
  inputs: ["in"],
  output: "out",
  kernel: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  padBefore: [0, 0],
  padAfter: [0, 0],
  groups: 1,
  weights: Float32Array.of(2),
  bias: Float32Array.of(0),
  clamp: { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
};
const network = networkOf([input, output], [conv]);
const call = callOf(wholeBox(output), [{ address: 0, top: 0, left: 0, rowCells: 2 }], {
  address: 8,
  top: 0,
  left: 0,
  rowCells: 2,
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof PatchInferError ? error.code : `${error}`;
  }
  return undefined;
}

afterEach(() => void vi.unstubAllGlobals());

describe.each([typescriptKernels, wasmKernels])("%o", (factory) => {
  test("the arena has exactly the bytes that were asked for, from 0", () => {
    for (const bytes of [0, 1, 16, 65_537]) {
      const { arena } = factory(network, bytes);
      expect(arena.byteLength).toBe(bytes);
      expect(arena.byteOffset % 4).toBe(0);
      expect(arena.every((byte) => byte === 0)).toBe(true);
    }
  });

  test("an arena that no memory can hold is refused", () => {
    expect(codeOf(() => factory(network, 2 ** 53))).toBe("OPTION");
  });

  test("a layer without a kernel is refused when the network is prepared", () => {
    const codes = { height: 1, width: 1, channels: 1, type: "int8", scale: 1, zeroPoint: 0 } as const;
    const softmax: Layer = { kind: "softmax", name: "end", inputs: ["a"], output: "b" };
    const refused = networkOf(
      [
        { name: "a", ...codes },
        { name: "b", ...codes },
      ],
      [softmax],
    );
    expect(codeOf(() => factory(refused, 16))).toBe("UNSUPPORTED_OP");
  });

  test("only depthwise convolutions overwrite their input, only convolutions add", () => {
    const kernels = factory(network, 16);
    expect(codeOf(() => kernels.runInPlace(0, call, 0, 4))).toBe("UNSUPPORTED_OP");
    const unary: Layer = { kind: "unary", name: "abs", fn: "abs", inputs: ["in"], output: "out", clamp: conv.clamp };
    const other = factory(networkOf([input, output], [unary]), 16);
    expect(codeOf(() => other.runAccumulating(0, 0, call))).toBe("UNSUPPORTED_OP");
  });

  test("two sets of kernels of one network know nothing of each other", () => {
    const sets = [factory(network, 16), factory(network, 16)];
    sets.forEach(({ arena }, index) => new Float32Array(arena.buffer, arena.byteOffset, 2).set([index + 1, 10]));
    for (const kernels of sets) kernels.run(0, call);
    const results = sets.map(({ arena }) => Array.from(new Float32Array(arena.buffer, arena.byteOffset + 8, 2)));
    expect(results).toEqual([
      [2, 20],
      [4, 20],
    ]);
  });
});

test("TypeScript kernels use an arena of the caller's", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(32), 8, 16);
  const kernels = typescriptKernels(network, 16, { arena: shared });
  const floats = new Float32Array(shared.buffer, 8, 4);
  floats.set([3, 4]);
  kernels.run(0, call);
  expect(Array.from(floats)).toEqual([3, 4, 6, 8]);
  expect(codeOf(() => typescriptKernels(network, 17, { arena: shared }))).toBe("OPTION");
  expect(codeOf(() => typescriptKernels(network, 16, { arena: new Uint8Array(shared.buffer, 2, 16) }))).toBe("OPTION");
});

test("without WebAssembly the TypeScript kernels take over", () => {
  expect(hasWasmKernels()).toBe(true);
  expect(fastestKernels(network, 16).engine).toBe("wasm");
  vi.stubGlobal("WebAssembly", undefined);
  expect(hasWasmKernels()).toBe(false);
  expect(fastestKernels(network, 16).engine).toBe("typescript");
  expect(codeOf(() => wasmKernels(network, 16))).toBe("OPTION");
});

test("what kernels hold besides the arena is counted", () => {
  expect(typescriptKernels(network, 16).constantBytes).toBe(8);
  const { constantBytes, arena } = wasmKernels(network, 16);
  expect(constantBytes).toBeGreaterThanOrEqual(arena.byteOffset);
});

test("a convolution over the whole image does not ask for room for the runs of a wide one", () => {
  const large = { ...conv, kernel: [64, 64] as const, weights: new Float32Array(64 * 64) };
  const whole = networkOf([floatMap("in", 64, 64, 1), floatMap("out", 1, 1, 1)], [large]);
  const weightBytes = 8 * 4 * 64 * 64;
  expect(wasmKernels(whole, 16).constantBytes).toBeLessThan(weightBytes);
});
