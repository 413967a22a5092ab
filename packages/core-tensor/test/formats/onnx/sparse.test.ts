import { readFileSync } from "node:fs";
import fc from "fast-check";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { tensorValue } from "../../../src/formats/onnx/construct.ts";
import { decodeModel } from "../../../src/formats/onnx/decode.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { OnnxError, readOnnx, writeOnnx, writeOnnxWithData } from "../../../src/formats/onnx/index.ts";
import {
  type ModelProto,
  type SparseTensorProto,
  type TensorProto,
  dataType,
} from "../../../src/formats/onnx/schema.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import { listOnnx } from "../../../src/inspect/listing.ts";
import { add, matmul } from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import * as random from "../../../src/tensor/random/index.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { fuzz } from "../fuzz.ts";

const { FLOAT, INT32, INT64, INT4 } = dataType;
const constantOf = (file: Uint8Array, name = "w"): HostTensor => readOnnx(file).constants[name] as HostTensor;

describe("models that ONNX's own library wrote", () => {
  const url = new URL("fixtures/sparse.json", import.meta.url);
  const cases = JSON.parse(readFileSync(url, "utf8")) as { title: string; base64: string; dense: number[] }[];
  test.each(cases.map((each) => [each.title, each] as const))("%s", (_title, { base64, dense }) => {
    const file = Buffer.from(base64, "base64");
    const w = constantOf(file);
    expect([[...w.shape], [...w.dataSync()].map(Number)]).toEqual([[6, 5], dense]);
    expect(readOnnx(file).inputs).toEqual(["x"]);
    expect(listOnnx(decodeModel(file))).toMatchObject({ parameters: 30, inputs: [{ name: "x" }] });
    // The message is the same when written again.
    expect(Buffer.compare(encodeModel(decodeModel(file)), file)).toBe(0);
  });
});

/** y = x w + b with a share of w's elements. */
function linearNet(density: number, shape: readonly [number, number] = [40, 30]): ReturnType<typeof trace> {
  const values = (random.normal(random.key(1), shape).dataSync() as Float32Array).map((value, i) =>
    (i * 0.618034) % 1 < density ? value : 0,
  );
  const w = tensor(values, { shape });
  const b = random.normal(random.key(2), [shape[1]]);
  return trace((x: Tensor) => add(matmul(x, w), b), spec(["batch", shape[0]], "float32", "x"));
}

describe("writeOnnx with sparse: true", () => {
  const graph = linearNet(0.1);
  const [name] = Object.entries(graph.constants).find(([, { rank }]) => rank === 2) as [string, HostTensor];
  const file = writeOnnx(graph, { sparse: true });

  test("writes what is shorter that way as values with rising places, the rest as before", () => {
    const { initializer = [], sparseInitializer = [] } = decodeModel(file).graph;
    expect(initializer.map(({ dims }) => dims)).toEqual([[30]]);
    const [{ values, indices, dims }] = sparseInitializer as [SparseTensorProto];
    const dense = (graph.constants[name] as HostTensor).dataSync() as Float32Array;
    const places = [...dense.keys()].filter((i) => dense[i] !== 0);
    expect([values.name, dims, indices.dataType, indices.int64Data]).toEqual([name, [40, 30], INT64, places]);
    expect([...new Float32Array((values.rawData as Uint8Array).slice().buffer)]).toEqual(places.map((i) => dense[i]));
    expect(file.length).toBeLessThan(writeOnnx(graph).length / 4);
  });

  test("comes back as the same program with the same bits", () => {
    const back = readOnnx(file);
    const plain = readOnnx(writeOnnx(graph));
    expect(back.nodes).toEqual(plain.nodes);
    for (const each of Object.keys(plain.constants)) {
      expect(back.constants[each]?.dataSync(), each).toEqual(plain.constants[each]?.dataSync());
    }
  });

  test("-0 and NaN are stored, and small, dense or short constants stay", () => {
    const data = new Float32Array(512);
    data[3] = -0;
    data[400] = Number.NaN;
    const odd = trace((x: Tensor) => add(x, tensor(data)), spec([512], "float32", "x"));
    const back = Object.values(readOnnx(writeOnnx(odd, { sparse: true })).constants)[0] as HostTensor;
    expect([Object.is(back.dataSync()[3], -0), back.dataSync()[400]]).toEqual([true, Number.NaN]);
    for (const dense of [linearNet(1), linearNet(0.1, [16, 15])]) {
      expect(Buffer.compare(writeOnnx(dense, { sparse: true }), writeOnnx(dense))).toBe(0);
    }
  });

  test("never makes a file longer", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 60 }), (density, columns) => {
        const net = linearNet(density, [30, columns]);
        expect(writeOnnx(net, { sparse: true }).length).toBeLessThanOrEqual(writeOnnx(net).length);
      }),
      { numRuns: 30 },
    );
  });

  test("large dense constants still go to the file beside it", () => {
    const { model, data } = writeOnnxWithData(graph, { location: "w.data", minBytes: 0, sparse: true });
    expect([data.length, decodeModel(model).graph.sparseInitializer?.length]).toEqual([120, 1]);
    expect(readOnnx(model, { external: { "w.data": data } }).constants[name]?.dataSync()).toEqual(
      (graph.constants[name] as HostTensor).dataSync(),
    );
  });

  test.each([0.1, 0.3, 0])("onnxruntime computes the same at density %f", async (density) => {
    const net = linearNet(density);
    const x = random.normal(random.key(9), [3, 40]);
    const run = async (bytes: Uint8Array): Promise<unknown> => {
      const session = await InferenceSession.create(bytes);
      const results = await session.run({ x: new OrtTensor("float32", x.dataSync() as Float32Array, [3, 40]) });
      await session.release();
      return Object.values(results)[0]?.data;
    };
    const found = await run(writeOnnx(net, { sparse: true }));
    expect(found).toEqual(await run(writeOnnx(net)));
    const wanted = (Object.values(interpret(net, { x }))[0] as HostTensor).dataSync() as Float32Array;
    (found as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 4));
  });
});

describe("sparse initialisers that break the rules", () => {
  const values: TensorProto = { name: "w", dims: [2], dataType: FLOAT, floatData: [1, 2] };
  const places = (numbers: readonly number[], dims: readonly number[] = [numbers.length]): TensorProto => {
    return { dims, dataType: INT64, int64Data: numbers };
  };
  const model = (sparse: SparseTensorProto): ModelProto => ({
    irVersion: 8,
    opsetImport: [{ version: 13 }],
    graph: {
      name: "g",
      input: [tensorValue("x", FLOAT, [2, 3])],
      output: [tensorValue("y", FLOAT, [2, 3])],
      node: [{ opType: "Add", input: ["x", "w"], output: ["y"] }],
      sparseInitializer: [sparse],
    },
  });
  const codeOf = (sparse: SparseTensorProto): string => {
    try {
      readOnnx(encodeModel(model(sparse)));
    } catch (error) {
      if (error instanceof OnnxError) return error.code;
      if (error instanceof UnsupportedError) return error.message;
      throw error;
    }
    return "read";
  };
  const dims = [2, 3];
  test.each<readonly [string, SparseTensorProto, string]>([
    ["a good one", { values, indices: places([0, 5]), dims }, "read"],
    ["places that fall", { values, indices: places([5, 0]), dims }, "invalid-sparsity"],
    ["a place twice", { values, indices: places([3, 3]), dims }, "invalid-sparsity"],
    ["a place outside", { values, indices: places([0, 6]), dims }, "invalid-sparsity"],
    ["a place below 0", { values, indices: places([-1, 6]), dims }, "invalid-sparsity"],
    ["a place outside along its axis", { values, indices: places([0, 3, 1, 0], [2, 2]), dims }, "invalid-sparsity"],
    ["places that fall, per axis", { values, indices: places([1, 0, 0, 2], [2, 2]), dims }, "invalid-sparsity"],
    [
      "places of another type",
      { values, indices: { dims: [2], dataType: INT32, int32Data: [0, 1] }, dims },
      "invalid-sparsity",
    ],
    ["too few places", { values, indices: places([0]), dims }, "size-mismatch"],
    ["places of another rank", { values, indices: places([0, 1, 2, 3, 4, 5], [2, 3]), dims }, "size-mismatch"],
    ["too few values", { values: { ...values, floatData: [1] }, indices: places([0, 5]), dims }, "size-mismatch"],
    ["values with two axes", { values: { ...values, dims: [1, 2] }, indices: places([0, 5]), dims }, "invalid-dims"],
    ["dimensions below 0", { values, indices: places([0, 5]), dims: [-2, -3] }, "invalid-dims"],
    ["dimensions that overflow", { values, indices: places([0, 5]), dims: [2 ** 30, 2 ** 30] }, "overflow"],
    ["far more elements than values", { values, indices: places([0, 5]), dims: [2 ** 15, 2 ** 15] }, "too-large"],
  ])("%s", (_title, sparse, code) => expect(codeOf(sparse)).toBe(code));

  test("packed elements are not supported", () => {
    const packed = { values: { name: "w", dims: [2], dataType: INT4, int32Data: [1] }, indices: places([0, 5]), dims };
    expect(codeOf(packed)).toContain('sparse initializer "w": the element type INT4 is not supported');
  });

  test("a name that a dense one has too", () => {
    const twice = model({ values, indices: places([0, 5]), dims });
    const graph = { ...twice.graph, initializer: [{ ...values }] };
    expect(() => readOnnx(encodeModel({ ...twice, graph }))).toThrow('two values are named "w"');
  });
});

test("damaged files with sparse initialisers are read or refused in order", async () => {
  const { runs, refused, errors } = await fuzz({
    name: "readOnnx, sparse",
    files: { net: writeOnnx(linearNet(0.05), { sparse: true }) },
    read: (bytes) => readOnnx(bytes),
    count: 200,
    seed: 1,
    // A sparse constant may take 64 MiB, and more where its values account for it.
    maxBytes: () => 2 ** 27,
    allows: (error) => error instanceof UnsupportedError,
  });
  expect([runs, refused > 50]).toEqual([200, true]);
  expect(errors["OnnxError: invalid-sparsity"]).toBeGreaterThan(0);
});
