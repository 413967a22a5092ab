import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Graph, type Tensor, interpret, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { type Backend, onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { assertAllClose } from "@parsimony/core-tensor/testing";
import { expect } from "vitest";
import { type OperatorSpec, type TensorSpec, buildModel } from "./build.ts";

/** The networks of npm's @mediapipe/face_detection, by the end of their names. */
export function faceDetection(which: "short_range" | "full_range" | "full_range_sparse"): Uint8Array {
  const require = createRequire(import.meta.url);
  return readFileSync(require.resolve(`@mediapipe/face_detection/face_detection_${which}.tflite`));
}

/** A model of one operator. Tensors with data are constants, the others are its inputs x0, x1, … in this order. */
export function single(
  op: string,
  inputs: readonly (TensorSpec | undefined)[],
  outputs: readonly Partial<TensorSpec>[],
  options?: OperatorSpec["options"],
): Uint8Array {
  const given = inputs.filter((spec) => spec !== undefined);
  let count = 0;
  const named = given.map((spec, i) => ({ name: spec.data === undefined ? `x${count++}` : `c${i}`, ...spec }));
  const results = outputs.map((spec, i) => ({ shape: [], name: `y${i}`, ...spec }));
  let next = 0;
  return buildModel({
    tensors: [...named, ...results],
    inputs: named.flatMap((spec, i) => (spec.data === undefined ? [i] : [])),
    outputs: results.map((_, i) => named.length + i),
    operators: [
      {
        op,
        inputs: inputs.map((spec) => (spec === undefined ? -1 : next++)),
        outputs: results.map((_, i) => named.length + i),
        ...(options === undefined ? {} : { options }),
      },
    ],
  });
}

let engine: Promise<Backend> | undefined;

/** What onnxruntime makes of a program. */
export async function runOnEngine(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  engine ??= onnxruntime();
  const executable = await (await engine).compile(graph);
  try {
    const results = await executable.run(inputs);
    const entries = Object.entries(results).map(async ([name, value]) => {
      const data = await value.data();
      return [name, tensor(data, { shape: value.shape, dtype: value.dtype })] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    await executable.dispose();
  }
}

/** Runs a model with the reference interpreter, and expects onnxruntime to agree. */
export async function evaluate(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Tensor>> = {},
  options: { readonly tolerance?: number; readonly engine?: boolean } = {},
): Promise<Record<string, Tensor>> {
  const graph = readTflite(bytes);
  const results = interpret(graph, inputs);
  if (options.engine === false) return results;
  const others = await runOnEngine(graph, inputs);
  // Engines compute in float32 where the reference sums in float64.
  const tolerance = options.tolerance ?? 1e-5;
  for (const [name, value] of Object.entries(results)) {
    const other = others[name] as Tensor;
    expect(other.shape, `shape of ${name}`).toEqual(value.shape);
    expect(other.dtype, `dtype of ${name}`).toBe(value.dtype);
    assertAllClose(other, value, { rtol: tolerance, atol: tolerance });
  }
  return results;
}

/** Numbers in [-1, 1) that are the same for the same seed. */
export function noise(length: number, seed: number): Float32Array {
  let state = seed | 0 || 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** Discs with soft edges: hair, neck, face, eyes, pupils, brows, nose, mouth, as centre, radii and colour. */
const discs: readonly (readonly [number, number, number, number, ...number[]])[] = [
  [0.5, 0.42, 0.27, 0.33, 0.2, 0.13, 0.1],
  [0.5, 0.85, 0.13, 0.25, 0.75, 0.55, 0.45],
  [0.5, 0.5, 0.22, 0.3, 0.88, 0.68, 0.57],
  [0.41, 0.45, 0.05, 0.025, 0.95, 0.95, 0.95],
  [0.59, 0.45, 0.05, 0.025, 0.95, 0.95, 0.95],
  [0.41, 0.45, 0.022, 0.025, 0.1, 0.07, 0.05],
  [0.59, 0.45, 0.022, 0.025, 0.1, 0.07, 0.05],
  [0.41, 0.39, 0.06, 0.014, 0.25, 0.16, 0.12],
  [0.59, 0.39, 0.06, 0.014, 0.25, 0.16, 0.12],
  [0.5, 0.56, 0.03, 0.03, 0.7, 0.48, 0.4],
  [0.5, 0.67, 0.08, 0.025, 0.65, 0.25, 0.25],
];

/** A drawn face in [-1, 1], [1, size, size, 3]; the same numbers as in fixtures/blazeface.py. */
export function drawnFace(size: number): Float32Array {
  const picture = new Float32Array(size * size * 3);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [x, y] = [(column + 0.5) / size, (row + 0.5) / size];
      let pixel = [0.55, 0.65, 0.75];
      for (const [cx, cy, rx, ry, ...colour] of discs) {
        const [dx, dy] = [(x - cx) / rx, (y - cy) / ry];
        const cover = Math.min(Math.max((1 - (dx * dx + dy * dy)) * 4, 0), 1);
        pixel = pixel.map((value, i) => value * (1 - cover) + (colour[i] as number) * cover);
      }
      picture.set(
        pixel.map((value) => value * 2 - 1),
        (row * size + column) * 3,
      );
    }
  }
  return picture;
}
