import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../../../src/formats/onnx/decode.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { OnnxError } from "../../../src/formats/onnx/error.ts";
import { type ExternalData, isSafeLocation } from "../../../src/formats/onnx/external.ts";
import { onnxType, tensorProto } from "../../../src/formats/onnx/lower/constants.ts";
import { type TensorProto, dataLocation, dataType } from "../../../src/formats/onnx/schema.ts";
import { dtypeOf, elementTypeName, readTensor } from "../../../src/formats/onnx/tensor.ts";
import { type DType, dtypeNames } from "../../../src/tensor/dtype.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import { anyDType, tensors } from "../../../src/testing/index.ts";
import { externalBytes, externalWeights, linear } from "./models.ts";
import { readPack } from "./pack.ts";

const { FLOAT, UINT8, INT8, UINT16, INT32, INT64, BOOL, FLOAT16, DOUBLE, BFLOAT16, UINT4, INT4, INT2 } = dataType;

describe("element types", () => {
  test("every dtype that has a type of its own comes back", () => {
    for (const dtype of dtypeNames) if (dtype !== "int2") expect(dtypeOf(onnxType(dtype))).toBe(dtype);
    expect(dtypeOf(INT2)).toBe("int2");
  });

  test("others have a name and no dtype", () => {
    const names = Object.values(dataType).flatMap((type) =>
      dtypeOf(type) === undefined ? [elementTypeName(type)] : [],
    );
    expect(names.slice(0, 5)).toEqual(["UINT16", "INT16", "STRING", "UINT32", "UINT64"]);
    expect([dtypeOf(0), dtypeOf(99), elementTypeName(99)]).toEqual([undefined, undefined, "element type 99"]);
  });

  test("readTensor names what Tensor does not have", () => {
    const proto = { name: "w", dims: [1], dataType: UINT16, int32Data: [1] };
    expect(() => readTensor(proto)).toThrow(
      new UnsupportedError("core-tensor", ['constant "w": elements of type UINT16']),
    );
  });
});

describe("values in fields of their type", () => {
  const cases: readonly (readonly [DType, Omit<TensorProto, "dims">, dims: number[], values: unknown[]])[] = [
    ["float32", { dataType: FLOAT, floatData: [1.5, -0, NaN] }, [3], [1.5, -0, NaN]],
    ["float64", { dataType: DOUBLE, doubleData: [0.1, Infinity] }, [1, 2], [0.1, Infinity]],
    ["int64", { dataType: INT64, int64Data: [-1, 2n ** 62n] }, [2], [-1n, 2n ** 62n]],
    ["int32", { dataType: INT32, int32Data: [-(2 ** 31), 2 ** 31 - 1] }, [2], [-(2 ** 31), 2 ** 31 - 1]],
    ["int8", { dataType: INT8, int32Data: [-128, 127] }, [2], [-128, 127]],
    ["uint8", { dataType: UINT8, int32Data: [0, 255] }, [2], [0, 255]],
    ["bool", { dataType: BOOL, int32Data: [0, 1] }, [2], [0, 1]],
    ["float16", { dataType: FLOAT16, int32Data: [0x3c00, 0xc000] }, [2], [1, -2]],
    ["bfloat16", { dataType: BFLOAT16, int32Data: [0x3f80, 0xc000] }, [2], [1, -2]],
    ["int4", { dataType: INT4, int32Data: [0xf8, 0x07] }, [3], [-8, -1, 7]],
    ["uint4", { dataType: UINT4, int32Data: [0x10, 0xfe] }, [4], [0, 1, 14, 15]],
    ["int2", { dataType: INT2, int32Data: [0b00_01_10_11] }, [4], [-1, -2, 1, 0]],
    ["float32", { dataType: FLOAT, floatData: [3] }, [], [3]],
    ["float32", { dataType: FLOAT }, [0, 2 ** 50], []],
  ];
  test.each(cases)("%s", (dtype, proto, dims, values) => {
    const read = readTensor({ dims, ...proto });
    expect([read.dtype, read.shape, [...read.dataSync()]]).toEqual([dtype, dims, values]);
  });
});

describe("raw values", () => {
  test("4-bit and 2-bit numbers, the first in the lowest bits; what is not used is cleared", () => {
    const signed = readTensor({ dims: [3], dataType: INT4, rawData: Uint8Array.of(0xf8, 0xa7) });
    expect([[...signed.dataSync()], [...signed.storage]]).toEqual([
      [-8, -1, 7],
      [0xf8, 0x07],
    ]);
    const two = readTensor({ dims: [5], dataType: INT2, rawData: Uint8Array.of(0b00_01_10_11, 0xfd) });
    expect([[...two.dataSync()], [...two.storage]]).toEqual([
      [-1, -2, 1, 0, 1],
      [0b00_01_10_11, 1],
    ]);
  });

  test("no copy where the bytes are aligned, one where they are not", () => {
    const buffer = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
    const aligned = readTensor({ dims: [2], dataType: FLOAT, rawData: buffer.subarray(4) });
    expect([aligned.storage.buffer, aligned.storage.byteOffset]).toEqual([buffer.buffer, 4]);
    const shifted = new Uint8Array(13);
    shifted.set(buffer, 1);
    const moved = readTensor({ dims: [3], dataType: FLOAT, rawData: shifted.subarray(1) });
    expect([...moved.dataSync()]).toEqual([1, 2, 3]);
  });

  test("any tensor that was written comes back from the file", () => {
    fc.assert(
      fc.property(
        anyDType().chain((dtype) => tensors({ dtype })),
        (value) => {
          fc.pre(value.dtype !== "int2");
          const initializer = [{ ...tensorProto(value), name: "w" }];
          const { graph } = decodeModel(encodeModel({ ...linear, graph: { ...linear.graph, initializer } }));
          const read = readTensor(graph.initializer?.[0] as TensorProto);
          expect([read.dtype, read.shape, read.dataSync()]).toEqual([value.dtype, value.shape, value.dataSync()]);
        },
      ),
    );
  });
});

test("the constants of ONNX's own test models are read, or are of a type that Tensor does not have", () => {
  const found = new Map<string, number>();
  for (const { model } of readPack("nodes.pack.gz")) {
    const { graph } = decodeModel(model);
    const attributes = graph.node.flatMap((node) =>
      (node.attribute ?? []).flatMap(({ t }) => (t === undefined ? [] : [t])),
    );
    for (const proto of [...(graph.initializer ?? []), ...attributes]) {
      const dtype = dtypeOf(proto.dataType);
      const name = dtype ?? elementTypeName(proto.dataType);
      if (dtype === undefined) expect(() => readTensor(proto)).toThrow(UnsupportedError);
      else expect(readTensor(proto).dtype).toBe(dtype);
      found.set(name, (found.get(name) ?? 0) + 1);
    }
  }
  expect(Object.fromEntries([...found].sort())).toMatchInlineSnapshot(`
    {
      "bool": 6,
      "float32": 82,
      "int32": 2,
      "int64": 174,
    }
  `);
});

/** What reading throws. */
function refusal(proto: Partial<TensorProto>, external?: ExternalData): string {
  try {
    readTensor({ dims: [], dataType: FLOAT, ...proto }, external);
  } catch (error) {
    if (error instanceof OnnxError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("refused", () => {
  const ones = (count: number): Uint8Array => new Uint8Array(count).fill(1);
  test.each<[string, string, Partial<TensorProto>]>([
    ["a dimension below zero", "invalid-dims", { dims: [-1, 2], rawData: ones(4) }],
    ["a dimension below zero beside an empty one", "invalid-dims", { dims: [0, -1] }],
    ["a dimension above 2^53", "overflow", { dims: [2n ** 53n] }],
    ["a dimension above 2^53 beside an empty one", "overflow", { dims: [0, 2n ** 53n] }],
    ["a product above 2^53", "overflow", { dims: [2 ** 30, 2 ** 30], rawData: ones(4) }],
    ["a product above every double", "overflow", { dims: new Array<number>(50).fill(2 ** 52), rawData: ones(4) }],
    ["no values", "size-mismatch", { dims: [1] }],
    ["a byte too few", "size-mismatch", { dims: [2], rawData: ones(7) }],
    ["a byte too many", "size-mismatch", { dims: [2], rawData: ones(9) }],
    ["values without elements", "size-mismatch", { dims: [0], rawData: ones(4) }],
    ["a number too many", "size-mismatch", { dims: [1], floatData: [1, 2] }],
    ["far more elements than bytes", "size-mismatch", { dims: [2 ** 40], rawData: ones(4) }],
    ["far more elements than numbers", "size-mismatch", { dims: [2 ** 40], floatData: [1] }],
    ["a nibble too many", "size-mismatch", { dims: [3], dataType: INT4, rawData: ones(3) }],
    ["two places", "ambiguous-data", { floatData: [1], rawData: ones(4) }],
    ["another type's place", "ambiguous-data", { int32Data: [1] }],
    ["a place for texts", "ambiguous-data", { stringData: [ones(1)] }],
    ["values here and outside", "ambiguous-data", { rawData: ones(4), dataLocation: dataLocation.EXTERNAL }],
    ["a boolean of 2", "invalid-value", { dims: [2], dataType: BOOL, rawData: Uint8Array.of(1, 2) }],
    ["a boolean of -1", "invalid-value", { dataType: BOOL, int32Data: [-1] }],
    ["a byte of 256", "invalid-value", { dataType: UINT8, int32Data: [256] }],
    ["a code of 17 bits", "invalid-value", { dataType: FLOAT16, int32Data: [0x10000] }],
    ["two nibbles of 9 bits", "invalid-value", { dims: [2], dataType: UINT4, int32Data: [256] }],
  ])("%s: %s", (_name, code, proto) => {
    expect(refusal(proto)).toBe(code);
  });

  test("an error names the constant, what was expected, and its byte", () => {
    const graph = { ...linear.graph, initializer: [{ name: "w", dims: [2], dataType: FLOAT, rawData: ones(4) }] };
    const [proto] = decodeModel(encodeModel({ ...linear, graph })).graph.initializer ?? [];
    expect(() => readTensor(proto as TensorProto)).toThrow(
      /ONNX: constant "w": expected 8 bytes, got 4 \(at byte \d+\)/,
    );
  });
});

describe("external data", () => {
  const file = new Uint8Array(Float32Array.of(0, 1, 2, 3).buffer);
  const outside = (entries: Record<string, string>, dims: number[] = [2]): TensorProto => ({
    name: "w",
    dims,
    dataType: FLOAT,
    dataLocation: dataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });

  test("a record or a function gives the bytes, which are not copied", () => {
    for (const external of [{ "a/b.bin": file }, (location: string) => (location === "a/b.bin" ? file : undefined)]) {
      const read = readTensor(outside({ location: "a/b.bin", offset: "4", length: "8", checksum: "?" }), external);
      expect([[...read.dataSync()], read.storage.buffer]).toEqual([[1, 2], file.buffer]);
    }
  });

  test("from the start and as long as the tensor unless said otherwise", () => {
    expect([...readTensor(outside({ location: "w" }), { w: file }).dataSync()]).toEqual([0, 1]);
  });

  test("a model that ONNX's checker accepted", () => {
    const { graph } = decodeModel(encodeModel(externalWeights));
    const [w] = graph.initializer ?? [];
    expect(readTensor(w as TensorProto, { "weights.bin": externalBytes }).shape).toEqual([3, 2]);
  });

  const given = { w: file };
  test.each<[string, string, Record<string, string>]>([
    ["no location", "external-entry", {}],
    ["an offset below zero", "external-entry", { location: "w", offset: "-4" }],
    ["a length that is no number", "external-entry", { location: "w", length: "8 " }],
    ["an offset above 2^53", "external-entry", { location: "w", offset: "9007199254740993" }],
    ["a long offset", "external-entry", { location: "w", offset: "1".repeat(400) }],
    ["a length that is not the tensor's", "size-mismatch", { location: "w", length: "12" }],
    ["an offset beyond the end", "external-range", { location: "w", offset: "20" }],
    ["a range beyond the end", "external-range", { location: "w", offset: "12", length: "8" }],
    ["a file that is not there", "external-missing", { location: "v" }],
    ["a name that every object has", "external-missing", { location: "toString" }],
  ])("%s: %s", (_name, code, entries) => {
    expect(refusal(outside(entries), given)).toBe(code);
  });

  test("nothing given, and a key twice", () => {
    expect(refusal(outside({ location: "w" }))).toBe("external-missing");
    const [entry] = outside({ location: "w" }).externalData ?? [];
    expect(refusal({ ...outside({}), externalData: [entry, entry] as never }, given)).toBe("external-entry");
  });

  const unsafe = [
    "",
    "/etc/passwd",
    "../w",
    "a/../../w",
    "a/..",
    "..",
    "a//b",
    "a/",
    "C:/w",
    "C:w",
    "a\\b",
    "\\\\host\\w",
  ];
  const control = ["w\0", "w\n", "\u007f", "file:w"];
  test.each([...unsafe, ...control])("the location %j is not asked for", (location) => {
    const asked: string[] = [];
    const external = (path: string): undefined => void asked.push(path);
    expect([refusal(outside({ location }), external), asked]).toEqual(["external-path", []]);
  });

  test("names with dots, spaces and letters of all kinds are fine", () => {
    for (const location of ["w", "./w", "a/b/c.bin", "..w", "w..", "net.onnx.data", "Gewichte für später", "重み"]) {
      expect(isSafeLocation(location), location).toBe(true);
    }
  });
});
