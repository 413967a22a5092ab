import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { expect } from "vitest";
import { fromBytes } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { toBorder } from "../../../src/backends/onnxruntime/carriers.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import type { PackedValue } from "./pack.ts";

/** Our dtype for an element type of ONNX; those that are missing cannot be represented. */
export const dtypeOf: Readonly<Record<string, DType | undefined>> = {
  FLOAT: "float32",
  DOUBLE: "float64",
  FLOAT16: "float16",
  BFLOAT16: "bfloat16",
  INT32: "int32",
  INT64: "int64",
  INT8: "int8",
  UINT8: "uint8",
  BOOL: "bool",
  INT4: "int4",
  UINT4: "uint4",
};

/** The value as a tensor of ours. */
export function unpackValue(value: PackedValue): HostTensor {
  const dtype = dtypeOf[value.type];
  if (dtype === undefined || value.shape === undefined || value.bytes === undefined) {
    throw new Error(`${value.name} is no tensor of ours: ${value.type}`);
  }
  return fromBytes(dtype, value.shape, value.bytes);
}

/** Is this a tensor of a type that we have? */
export const isOurs = (value: PackedValue): boolean => dtypeOf[value.type] !== undefined && value.bytes !== undefined;

export const unpackValues = (values: readonly PackedValue[]): Record<string, HostTensor> =>
  Object.fromEntries(values.map((value) => [value.name, unpackValue(value)]));

/** What onnxruntime's JavaScript interface carries: not bfloat16, nor 4 bits, nor float16 where it is in a Float16Array. */
export const carriesHalves = !("Float16Array" in globalThis);
const halves: readonly DType[] = carriesHalves ? ["float16"] : [];
const carried: readonly DType[] = ["float32", "float64", ...halves, "int32", "int64", "int8", "uint8", "bool"];

/**
 * Runs a model as it is, by onnxruntime alone, without its optimiser. `undefined` for an output of a type that is not
 * ours.
 */
export async function runOrt(
  model: Uint8Array,
  feeds: Readonly<Record<string, HostTensor>>,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<Record<string, Tensor | undefined>> {
  const session = await createSession(model, files);
  try {
    const given = Object.entries(feeds).map(([name, value]) => {
      if (!carried.includes(value.dtype)) throw new Error(`onnxruntime's interface does not carry ${value.dtype}`);
      return [name, new OrtTensor(value.dtype as "float32", toBorder(value) as Float32Array, value.shape)] as const;
    });
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => {
        if (!(carried as readonly string[]).includes(type)) return [name, undefined];
        const { buffer, byteOffset, byteLength } = data as Float32Array;
        return [name, fromBytes(type as DType, [...dims], new Uint8Array(buffer, byteOffset, byteLength))];
      }),
    );
  } finally {
    await session.release();
  }
}

/** With files beside it, the model has to be a file too. */
async function createSession(
  model: Uint8Array,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<InferenceSession> {
  const options = { graphOptimizationLevel: "disabled", logSeverityLevel: 4 } as const;
  if (Object.keys(files).length === 0) return InferenceSession.create(model, options);
  const folder = mkdtempSync(join(tmpdir(), "parsimony-onnx-"));
  try {
    for (const [path, bytes] of Object.entries({ ...files, "model.onnx": model })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    return await InferenceSession.create(join(folder, "model.onnx"), options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Relative and absolute tolerance by dtype; other dtypes are compared exactly. */
export type Tolerances = Readonly<Partial<Record<DType, readonly [relative: number, absolute: number]>>>;

/** Names, dtypes, shapes and values of results, against those that are expected. */
export function expectValues(
  got: Readonly<Record<string, Tensor | undefined>>,
  want: Readonly<Record<string, Tensor | undefined>>,
  tolerances: Tolerances,
  label: string,
): void {
  expect(Object.keys(got), label).toEqual(Object.keys(want));
  for (const [name, expected] of Object.entries(want)) {
    if (expected === undefined) continue;
    const found = got[name] as Tensor;
    expect([found.dtype, ...found.shape], `${label}: type of ${name}`).toEqual([expected.dtype, ...expected.shape]);
    const [relative, absolute] = tolerances[expected.dtype] ?? [0, 0];
    const values = found.dataSync();
    expected.dataSync().forEach((reference: number | bigint, i: number) => {
      const value = values[i] as number | bigint;
      // NaN and infinities are equal to themselves only; so are whole numbers. 0 and -0 are one number.
      if (Object.is(value, reference) || value === reference) return;
      const distance = Math.abs(Number(value) - Number(reference));
      if (distance <= absolute + relative * Math.abs(Number(reference))) return;
      expect.fail(`${label}: ${name}[${i}] is ${value}, expected ${reference}`);
    });
  }
}
