import { readFileSync } from "node:fs";
import { type HostTensor, tensor } from "@parsimony/core-tensor";
import {
  parseSafetensors,
  readSafetensors,
  serializeSafetensors,
  writeSafetensors,
} from "@parsimony/core-tensor/safetensors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyMask, bits } from "../../../src/mask/mask.ts";
import {
  type SparseCandidateName,
  type WriteSparseSafetensorsOptions,
  compressTensors,
  csrFromDense,
  denseTensor,
  denseTensors,
  readSparseSafetensors,
  sparseCandidates,
  sparseTensor,
  writeSparseSafetensors,
} from "../../../src/sparse/index.ts";
import { maskedMatrices } from "../../../src/testing/index.ts";
import { codeOf } from "../codeOf.ts";
import { floats, smallNetwork } from "./networks.ts";

const bitsOf = (value: HostTensor | undefined): unknown => {
  const { buffer, byteOffset, byteLength } = (value as HostTensor).dataSync();
  return [
    (value as HostTensor).dtype,
    [...(value as HostTensor).shape],
    [...new Uint8Array(buffer, byteOffset, byteLength)],
  ];
};
const zeroed = (shape: readonly number[]): HostTensor =>
  floats(Array<number>(shape.reduce((product, dim) => product * dim, 1)).fill(0), shape);
const same = (a: Readonly<Record<string, HostTensor>>, b: Readonly<Record<string, HostTensor>>): void => {
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
  for (const name of Object.keys(a)) expect(bitsOf(a[name]), name).toEqual(bitsOf(b[name]));
};

describe("writing and reading", () => {
  const { params, mask } = smallNetwork(0.1);
  const forced = Object.keys(sparseCandidates).filter((name) => !name.startsWith("nm")) as SparseCandidateName[];
  const options: readonly (readonly [string, WriteSparseSafetensorsOptions])[] = [
    ["a mask", { mask }],
    ["a mask and transposed matrices", { mask, transposed: (_, { rank }) => rank === 2 }],
    ["a goal of one's own", { mask, goal: ({ format }) => (format === "csr" ? 0 : 1) }],
    ...forced.map((name) => {
      return [`${name} forced`, { mask, formats: { "conv.weight": name, "dense.weight": name } }] as const;
    }),
  ];
  test.each(options)("%s: the masked tensors come back bit by bit", (_title, each) => {
    const file = readSparseSafetensors(writeSparseSafetensors(params, each));
    same(denseTensors(file), applyMask(params, mask));
  });

  test("without a mask everything but +0 comes back, and tensors that gain nothing stay", () => {
    const special = {
      ...params,
      odd: floats([0, -0, Number.NaN, 0, Infinity, ...Array<number>(995).fill(0)], [10, 100]),
    };
    const file = readSparseSafetensors(writeSparseSafetensors(special));
    expect(Object.keys(file.sparse)).toEqual(["odd"]);
    same(denseTensors(file), special);
  });

  test("other dtypes, scalars and empty tensors stay as they are", () => {
    const others = {
      double: tensor(new Float64Array(4000), { shape: [40, 100] }),
      scalar: floats([3], []),
      none: zeroed([0, 7]),
      steps: tensor(BigInt64Array.of(5n), { shape: [1] }),
      flags: bits(Uint8Array.of(1, 0, 1), [3]),
    };
    const file = readSparseSafetensors(writeSparseSafetensors(others));
    expect(file.sparse).toEqual({});
    same(file.tensors, others);
  });

  test("a mask reaches float64 tensors, which stay dense", () => {
    const w = tensor(Float64Array.of(1, 2), { shape: [1, 2] });
    const file = readSparseSafetensors(
      writeSparseSafetensors({ w }, { mask: { w: bits(Uint8Array.of(0, 1), [1, 2]) } }),
    );
    expect([...(file.tensors["w"] as HostTensor).dataSync()]).toEqual([0, 2]);
  });

  test("trees and flat records give the same bytes, in any order of keys", () => {
    const tree = {
      dense: { weight: params["dense.weight"], bias: params["dense.bias"] },
      conv: { weight: params["conv.weight"] },
    };
    const flat = Object.fromEntries(Object.entries(params).reverse());
    const bytes = writeSparseSafetensors(params, { mask });
    expect(writeSparseSafetensors(tree, { mask })).toEqual(bytes);
    expect(writeSparseSafetensors(flat, { mask: Object.fromEntries(Object.entries(mask).reverse()) })).toEqual(bytes);
  });

  test("what was read can be written again: the same bytes", () => {
    const bytes = writeSparseSafetensors(params, { mask, metadata: { epoch: "3" } });
    const { tensors, sparse, metadata } = readSparseSafetensors(bytes);
    expect(metadata).toEqual({ epoch: "3" });
    expect(writeSparseSafetensors({ ...tensors, ...sparse }, { metadata })).toEqual(bytes);
  });

  test("a Buffer somewhere in the middle of another one is read too", () => {
    const bytes = writeSparseSafetensors(params, { mask });
    for (const offset of [1, 4]) {
      const within = Buffer.alloc(bytes.length + 8);
      within.set(bytes, offset);
      same(
        denseTensors(readSparseSafetensors(within.subarray(offset, offset + bytes.length))),
        applyMask(params, mask),
      );
    }
  });

  test("inputs stay as they were", () => {
    const before = bitsOf(params["dense.weight"]);
    writeSparseSafetensors(params, { mask, transposed: () => true });
    expect(bitsOf(params["dense.weight"])).toEqual(before);
  });
});

describe("the file", () => {
  const { params, mask } = smallNetwork(0.05);
  const bytes = writeSparseSafetensors(params, { mask, formats: { "conv.weight": "csr" } });

  test("begins with the header's length in 8 bytes, the header filled up with spaces", () => {
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(length % 8).toBe(0);
    expect(header.trimEnd().endsWith("}")).toBe(true);
    expect(JSON.parse(header)).toMatchObject({
      "conv.weight.csr.values": { dtype: "F32" },
      "conv.weight.csr.indices": { dtype: "U16" },
      "conv.weight.csr.indptr": { dtype: "U32", shape: [9] },
      "dense.bias": { dtype: "F32", shape: [40] },
    });
  });

  test("describes its sparse tensors in the metadata", () => {
    expect(JSON.parse(parseSafetensors(bytes).metadata["parsimony.sparse"] as string)).toEqual({
      "conv.weight": { format: "csr", shape: [8, 4, 3, 3], dtype: "float32", transposed: false },
      "dense.weight": { format: "delta", shape: [48, 40], dtype: "float32", transposed: false, gapBits: 6 },
    });
  });

  test("is never longer than the one with dense tensors", () => {
    fc.assert(
      fc.property(maskedMatrices(), fc.string({ unit: "grapheme", maxLength: 20 }), ({ data, rows, columns }, name) => {
        const params = { [`w${name}`]: tensor(data, { shape: [rows, columns] }) };
        expect(writeSparseSafetensors(params).length).toBeLessThanOrEqual(writeSafetensors(params).length);
      }),
    );
  });

  test("is the one that scipy read", () => {
    // fixtures/sparse/check.py compares this file with dense.safetensors by way of scipy.
    const kept = readFileSync(new URL("../../fixtures/sparse/written.safetensors", import.meta.url));
    const formats = { "conv.weight": "csr", "dense.weight": "bcsr-4x4" } as const;
    expect(Buffer.compare(writeSparseSafetensors(params, { mask, formats }), kept)).toBe(0);
    const dense = readFileSync(new URL("../../fixtures/sparse/dense.safetensors", import.meta.url));
    expect(Buffer.compare(writeSafetensors(applyMask(params, mask)), dense)).toBe(0);
  });

  test("that Python put together with scipy's arrays is read", () => {
    const fixture = new URL("../../fixtures/sparse/matrices.json", import.meta.url);
    const { file } = JSON.parse(readFileSync(fixture, "utf8")) as {
      file: { base64: string; dense: number[]; bias: number[] };
    };
    const read = readSparseSafetensors(Buffer.from(file.base64, "base64"));
    expect(read.metadata).toEqual({ epoch: "3" });
    const tensors = denseTensors(read);
    expect(Object.keys(tensors).sort()).toEqual(["bias", "conv.weight"]);
    expect(tensors["conv.weight"]?.shape).toEqual([6, 2, 3, 3]);
    expect([...(tensors["conv.weight"] as HostTensor).dataSync()]).toEqual(file.dense);
    expect([...(tensors["bias"] as HostTensor).dataSync()]).toEqual(file.bias);
  });

  test("without sparse tensors is an ordinary one", () => {
    const plain = writeSafetensors(params, { metadata: { a: "b" } });
    expect(writeSparseSafetensors(params, { metadata: { a: "b" } })).toEqual(plain);
    same(readSparseSafetensors(plain).tensors, readSafetensors(plain).tensors as Record<string, HostTensor>);
  });
});

describe("the report", () => {
  const { params, mask } = smallNetwork(0.1);
  test("has every candidate's bytes for the tensors of the mask", () => {
    const { report, tensors } = compressTensors(params, { mask });
    expect(Object.keys(report)).toEqual(["conv.weight", "dense.weight"]);
    const { format, bytes, denseBytes, candidates } = report["dense.weight"] as (typeof report)[string];
    expect([format, denseBytes, candidates["dense"], candidates[format]]).toEqual(["delta-4", 7680, 7680, bytes]);
    expect(Object.keys(candidates)).not.toContain("nm-2:4");
    expect(tensors["dense.bias"]).toBe(params["dense.bias"]);
  });

  test("a tensor that would be smaller but for its names stays dense", () => {
    const tiny = { w: floats([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [3, 4]) };
    const { report, tensors } = compressTensors(tiny);
    expect(report["w"]).toMatchObject({ format: "dense", bytes: 48, denseBytes: 48 });
    expect(report["w"]?.candidates["bitmap"]).toBe(6);
    expect(tensors["w"]).toBe(tiny.w);
  });
});

describe("one tensor", () => {
  test("a transposed matrix has the last axes as rows", () => {
    const { tensor: stored } = sparseTensor(floats([1, 0, 2, 0, 3, 0], [2, 3]), {
      transposed: true,
      candidates: { csr: csrFromDense },
    });
    expect(stored).toMatchObject({ shape: [2, 3], transposed: true, matrix: { rows: 3, columns: 2 } });
    expect(stored.matrix).toEqual(csrFromDense(Float32Array.of(1, 0, 0, 3, 2, 0), 3, 2));
    expect([...denseTensor(stored).dataSync()]).toEqual([1, 0, 2, 0, 3, 0]);
  });

  test("a kernel [out, in, kh, kw] is out x (in kh kw), a vector one row", () => {
    expect(sparseTensor(zeroed([2, 3, 4, 5])).tensor.matrix).toMatchObject({ rows: 2, columns: 60 });
    expect(sparseTensor(zeroed([7])).tensor.matrix).toMatchObject({ rows: 1, columns: 7 });
    expect(sparseTensor(zeroed([])).tensor.matrix).toMatchObject({ rows: 1, columns: 1 });
  });

  test("other dtypes and masks of another shape are refused", () => {
    expect(codeOf(() => sparseTensor(tensor(new Float64Array(4))))).toBe("E_PARAMETERS");
    expect(codeOf(() => sparseTensor(zeroed([2, 3]), { mask: bits(new Uint8Array(6), [3, 2]) }))).toBe("E_MASK");
  });
});

describe("what cannot be written", () => {
  const { params, mask } = smallNetwork(0.5);
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ["a mask of another net", () => writeSparseSafetensors({ w: zeroed([2, 2]) }, { mask }), "E_MASK conv.weight"],
    [
      "a format for a tensor that there is not",
      () => writeSparseSafetensors(params, { formats: { w: "csr" } }),
      "E_OPTION w",
    ],
    [
      "a format that there is not",
      () => writeSparseSafetensors(params, { formats: { "dense.weight": "coo" as never } }),
      "E_OPTION dense.weight",
    ],
    [
      "a format of another dtype",
      () => writeSparseSafetensors({ w: tensor(new Float64Array(4)) }, { formats: { w: "csr" } }),
      "E_PARAMETERS w",
    ],
    [
      "metadata under the key of the description",
      () => writeSparseSafetensors(params, { metadata: { "parsimony.sparse": "" } }),
      "E_OPTION",
    ],
    [
      "a tensor with the name of another one's array",
      () => writeSparseSafetensors({ w: zeroed([9, 9]), "w.csr.values": zeroed([1]) }, { formats: { w: "csr" } }),
      "E_PARAMETERS w",
    ],
    [
      "a sparse tensor that breaks its rules",
      () => {
        const matrix = { ...csrFromDense(Float32Array.of(1, 2), 1, 2), columnIndex: Uint16Array.of(1, 0) };
        return writeSparseSafetensors({ w: { shape: [1, 2], transposed: false, matrix } });
      },
      "E_SPARSE w at 1",
    ],
  ];
  test.each(cases)("%s", (_title, call, expected) => expect(codeOf(call)).toBe(expected));

  test("a forced N:M that does not hold", () => {
    expect(codeOf(() => writeSparseSafetensors(params, { formats: { "dense.weight": "nm-2:4" } }))).toBe(
      "E_SPARSE dense.weight",
    );
  });
});

describe("damaged sparse tensors", () => {
  const w = floats([0, 5, 0, 7, 0, 0, 0, 0, 9, 1, 0, 0], [3, 4]);
  const file = writeSparseSafetensors({ w, bias: floats([1]) }, { formats: { w: "csr" } });
  const { tensors, metadata } = parseSafetensors(file);
  const describedAs = (change: object): Record<string, string> => ({
    "parsimony.sparse": JSON.stringify({ w: { ...JSON.parse(metadata["parsimony.sparse"] as string).w, ...change } }),
  });
  const u16 = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
  const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  const indices = tensors["w.csr.indices"] as (typeof tensors)[string];
  const indptr = tensors["w.csr.indptr"] as (typeof tensors)[string];
  const read = (changes: object, texts: Record<string, string> = metadata): string =>
    codeOf(() => readSparseSafetensors(serializeSafetensors({ ...tensors, ...changes }, { metadata: texts })));
  const { "w.csr.indptr": _gone, ...withoutIndptr } = tensors;

  const cases: readonly (readonly [string, string, string])[] = [
    ["unsorted columns", read({ "w.csr.indices": { ...indices, bytes: u16(3, 1, 0, 1) } }), "E_SPARSE w at 1"],
    ["a column twice", read({ "w.csr.indices": { ...indices, bytes: u16(1, 3, 1, 1) } }), "E_SPARSE w at 3"],
    ["a column out of range", read({ "w.csr.indices": { ...indices, bytes: u16(1, 4, 0, 1) } }), "E_SPARSE w at 1"],
    ["falling pointers", read({ "w.csr.indptr": { ...indptr, bytes: u32(0, 2, 1, 4) } }), "E_SPARSE w at 2"],
    ["floats as columns", read({ "w.csr.indices": { dtype: "F32", shape: [2], bytes: indices.bytes } }), "E_SPARSE w"],
    ["two axes", read({ "w.csr.indices": { ...indices, shape: [2, 2] } }), "E_SPARSE w"],
    ["the tensor a second time", read({ w: { dtype: "U8", shape: [1], bytes: new Uint8Array(1) } }), "E_SPARSE w"],
    ["more columns than the shape has", read({}, describedAs({ shape: [3, 3] })), "E_SPARSE w at 1"],
    ["other rows", read({}, describedAs({ shape: [4, 4] })), "E_SPARSE w"],
    ["a shape that overflows", read({}, describedAs({ shape: [2 ** 20, 2 ** 20, 2 ** 20] })), "E_SPARSE w"],
    ["a shape that overflows beside 0", read({}, describedAs({ shape: [0, 2 ** 40, 2 ** 40] })), "E_SPARSE w"],
    ["a shape beyond 2^32", read({}, describedAs({ shape: [3, 2 ** 31] })), "E_SPARSE w"],
    ["a negative shape", read({}, describedAs({ shape: [-3, -4] })), "E_SPARSE w"],
    ["no shape", read({}, describedAs({ shape: 12 })), "E_SPARSE w"],
    ["another dtype", read({}, describedAs({ dtype: "float64" })), "E_SPARSE w"],
    ["a format that there is not", read({}, describedAs({ format: "__proto__" })), "E_SPARSE w"],
    ["a format without its arrays", read({}, describedAs({ format: "bitmap" })), "E_SPARSE w"],
    ["transposed that is no boolean", read({}, describedAs({ transposed: 1 })), "E_SPARSE w"],
    ["a description that is none", read({}, { "parsimony.sparse": '{"w":[]}' }), "E_SPARSE w"],
    ["a text that is no JSON", read({}, { "parsimony.sparse": "{" }), "E_SPARSE"],
    ["JSON that is no object", read({}, { "parsimony.sparse": "null" }), "E_SPARSE"],
    ["a boolean of 2", read({ b: { dtype: "BOOL", shape: [2], bytes: Uint8Array.of(1, 2) } }), "E_SPARSE b at 1"],
    ["elements that Tensor does not have", read({ b: { dtype: "I16", shape: [1], bytes: u16(1) } }), "E_SPARSE b"],
    [
      "a part missing",
      codeOf(() => readSparseSafetensors(serializeSafetensors(withoutIndptr, { metadata }))),
      "E_SPARSE w",
    ],
  ];
  test.each(cases)("%s", (_title, found, expected) => expect(found).toBe(expected));

  test("the message names the part", () => {
    expect(() => readSparseSafetensors(serializeSafetensors(withoutIndptr, { metadata }))).toThrow(
      "readSparseSafetensors: w: there is no tensor w.csr.indptr",
    );
  });

  test("a small file does not expand to more than it may", () => {
    const wide = {
      w: {
        shape: [1, 2 ** 31],
        transposed: false,
        matrix: { ...csrFromDense(new Float32Array(0), 1, 0), columns: 2 ** 31 },
      },
    };
    const bytes = writeSparseSafetensors(wide);
    expect(bytes.length).toBeLessThan(600);
    expect(codeOf(() => denseTensors(readSparseSafetensors(bytes)))).toBe("E_SPARSE w");
    const small = readSparseSafetensors(file);
    expect(codeOf(() => denseTensors(small, { maxBytes: 47 }))).toBe("E_SPARSE w");
    expect(Object.keys(denseTensors(small, { maxBytes: 48 }))).toEqual(["bias", "w"]);
  });
});
