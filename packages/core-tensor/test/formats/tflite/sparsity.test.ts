import { type Tensor, interpret, tensor } from "@parsimony/core-tensor";
import { TfliteError, readTflite } from "@parsimony/core-tensor/tflite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LevelSpec, type TensorSpec, buildModel } from "./build.ts";

/** x + dense(sparse), with x zero. */
function densified(sparse: TensorSpec): unknown {
  const shape = sparse.shape;
  const model = buildModel({
    tensors: [{ name: "x", shape }, sparse, { name: "dense", shape }, { name: "y", shape }],
    inputs: [0],
    outputs: [3],
    operators: [
      { op: "DENSIFY", inputs: [1], outputs: [2] },
      { op: "ADD", inputs: [0, 2], outputs: [3] },
    ],
  });
  const graph = readTflite(model);
  expect(graph.nodes.map(({ op }) => op)).toEqual(["add"]);
  const zero = tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape });
  return (interpret(graph, { x: zero })["y"] as Tensor).toArray();
}

/** Rows of a matrix of two columns: [[5, 0], [0, 0], [6, 7]]. */
const rows: LevelSpec[] = [{ dense: 3 }, { segments: [0, 1, 1, 3], indices: [0, 0, 1] }];
const matrix = (
  sparsity: Partial<NonNullable<TensorSpec["sparsity"]>> = {},
  more: Partial<TensorSpec> = {},
): TensorSpec => ({
  shape: [3, 2],
  data: [5, 6, 7],
  sparsity: { order: [0, 1], levels: rows, ...sparsity },
  ...more,
});

describe("sparse constants", () => {
  test.each([1, 2, 4] as const)("compressed rows, numbers of %i bytes", (width) => {
    const levels = [{ dense: 3 }, { ...(rows[1] as LevelSpec), width }];
    expect(densified(matrix({ levels }))).toEqual([
      [5, 0],
      [0, 0],
      [6, 7],
    ]);
  });

  test("columns first", () => {
    const levels = [{ dense: 2 }, { segments: [0, 2, 3], indices: [0, 2, 1] }];
    expect(densified(matrix({ order: [1, 0], levels }))).toEqual([
      [5, 0],
      [0, 7],
      [6, 0],
    ]);
  });

  test("blocks of 2 x 2, of which one is stored", () => {
    const sparse: TensorSpec = {
      shape: [4, 4],
      data: [1, 2, 3, 4],
      sparsity: {
        order: [0, 1, 2, 3],
        blocks: [0, 1],
        levels: [{ dense: 2 }, { segments: [0, 0, 1], indices: [1] }, { dense: 2 }, { dense: 2 }],
      },
    };
    expect(densified(sparse)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 1, 2],
      [0, 0, 3, 4],
    ]);
  });

  test("blocks along the second axis only, walked columns first", () => {
    const sparse: TensorSpec = {
      shape: [2, 4],
      data: [1, 2, 3, 4],
      sparsity: {
        order: [1, 0, 2],
        blocks: [1],
        levels: [{ dense: 2 }, { segments: [0, 1, 2], indices: [1, 0] }, { dense: 2 }],
      },
    };
    expect(densified(sparse)).toEqual([
      [0, 0, 3, 4],
      [1, 2, 0, 0],
    ]);
  });

  test("no element at all", () => {
    const levels = [{ dense: 3 }, { segments: [0, 0, 0, 0], indices: [] }];
    expect(densified(matrix({ levels }, { data: [] }))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test("any matrix comes back from compressed rows", () => {
    const cell = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) },
    );
    const matrices = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
      .chain(([n, m]) => fc.array(fc.array(cell, { minLength: m, maxLength: m }), { minLength: n, maxLength: n }));
    fc.assert(
      fc.property(matrices, (dense) => {
        const places = dense.map((row) => row.flatMap((value, i) => (value === 0 ? [] : [i])));
        const segments = [0];
        for (const row of places) segments.push((segments.at(-1) as number) + row.length);
        const sparse: TensorSpec = {
          shape: [dense.length, dense[0]!.length],
          data: dense.flat().filter((value) => value !== 0),
          sparsity: { order: [0, 1], levels: [{ dense: dense.length }, { segments, indices: places.flat() }] },
        };
        expect(densified(sparse)).toEqual(dense);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["an order without an axis", matrix({ order: [0, 0] }), /each dimension once/],
    ["too few levels", matrix({ levels: rows.slice(1) }), /expected 2 dimensions in order, got 2 and 1/],
    [
      "blocks along no axis",
      matrix({ order: [0, 1, 2], blocks: [2], levels: [...rows, { dense: 1 }] }),
      /blocks along different axes/,
    ],
    [
      "blocks that do not divide",
      matrix({ order: [0, 1, 2], blocks: [0], levels: [...rows, { dense: 2 }] }),
      /blocks that divide axis 0 of 3, got 2/,
    ],
    [
      "a dense level of another length",
      matrix({ levels: [{ dense: 4 }, rows[1] as LevelSpec] }),
      /a level of 3, got 4/,
    ],
    [
      "too few segments",
      matrix({ levels: [{ dense: 3 }, { segments: [0, 1], indices: [0] }] }),
      /expected 4 bounds of segments, got 2/,
    ],
    [
      "segments that fall",
      matrix({ levels: [{ dense: 3 }, { segments: [0, 2, 1, 3], indices: [0, 1, 0] }] }),
      /segments that rise/,
    ],
    [
      "segments that leave places over",
      matrix({ levels: [{ dense: 3 }, { segments: [0, 1, 1, 2], indices: [0, 0, 1] }] }),
      /segments that rise/,
    ],
    [
      "a place outside",
      matrix({ levels: [{ dense: 3 }, { segments: [0, 1, 1, 3], indices: [0, 0, 2] }] }),
      /places below 2/,
    ],
    ["more values than places", matrix({}, { data: [5, 6, 7, 8] }), /expected 12 bytes for 3 elements, got 16/],
  ])("refused: %s", (_title, sparse, message) => {
    let error: unknown;
    try {
      densified(sparse);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TfliteError);
    expect(error).toMatchObject({ code: "invalid-sparsity", message: expect.stringMatching(message) });
  });
});
