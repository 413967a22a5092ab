import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InspectCommand, UsageError, parseCommand } from "../../src/cli/arguments.ts";
import { readReport } from "../../src/cli/readReport.ts";
import { writeNpy, writeNpz } from "../../src/formats/npy/index.ts";
import { tensorValue } from "../../src/formats/onnx/construct.ts";
import { encodeModel } from "../../src/formats/onnx/encode.ts";
import { writeOnnx, writeOnnxWithData } from "../../src/formats/onnx/index.ts";
import { type ModelProto, dataType } from "../../src/formats/onnx/schema.ts";
import { writeSafetensors } from "../../src/formats/safetensors/index.ts";
import { type Tensor, matmul, spec, tensor, trace } from "../../src/index.ts";
import { formatReport } from "../../src/inspect/formatReport.ts";
import type { Report } from "../../src/inspect/report.ts";
import { FormatError } from "../../src/tensor/errors.ts";
import { largeWeights } from "../formats/onnx/largeWeights.ts";
import { externalWeights, linear } from "../formats/onnx/models.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const read = (name: string, ...options: string[]): Promise<Report> =>
  readReport(parseCommand(["inspect", at(name), ...options]) as InspectCommand);

const weights = {
  "encoder.weight": tensor([
    [1, 2],
    [3, 4],
  ]),
  bias: tensor([1, 2], { dtype: "int8" }),
};

/** An operator of somebody else, and a constant of a type that Tensor does not have. */
const foreign: ModelProto = {
  ...linear,
  producerName: "evil\u001b[2J",
  graph: {
    ...linear.graph,
    initializer: [
      ...(linear.graph.initializer ?? []),
      { name: "odd", dims: [1], dataType: dataType.UINT16, int32Data: [1] },
    ],
    node: [
      { opType: "Magic", domain: "com.example", input: ["x", "odd"], output: ["made"], name: "first" },
      { opType: "Add", input: ["made", "made"], output: ["y"] },
    ],
  },
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parsimony-cli-"));
  const product = trace((x: Tensor) => matmul(x, weights["encoder.weight"]), spec(["batch", 2], "float32", "x"));
  writeFileSync(at("product.onnx"), writeOnnx(product, { metadata: { purpose: "test" } }));
  const { model, data } = writeOnnxWithData(largeWeights(), { location: "weights/net.data" });
  mkdirSync(at("weights"));
  writeFileSync(at("net.onnx"), model);
  writeFileSync(at("weights/net.data"), data);
  writeFileSync(at("alone.onnx"), encodeModel(externalWeights));
  writeFileSync(at("foreign.onnx"), encodeModel(foreign));
  const open = { ...linear.graph, input: [tensorValue("x", dataType.FLOAT)] };
  writeFileSync(at("open.onnx"), encodeModel({ ...linear, graph: open }));
  writeFileSync(at("cut.onnx"), encodeModel(linear).slice(0, 100));
  writeFileSync(at("weights.safetensors"), writeSafetensors(weights, { metadata: { epoch: "3" } }));
  writeFileSync(at("array.npy"), writeNpy(tensor([[1, 2, 3]])));
  writeFileSync(at("ARRAYS.NPZ"), writeNpz({ a: tensor([1, 2]), b: tensor(1, { dtype: "bool" }) }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("models", () => {
  test("an ONNX file: what it says of itself, and what it costs", async () => {
    const report = await read("product.onnx");
    expect(report).toMatchObject({
      kind: "program",
      format: "onnx",
      metadata: { "IR version": "8", opset: "18", producer: "parsimony", purpose: "test" },
      summary: { macs: "4*batch", parameters: 4, symbols: ["batch"] },
    });
    expect(await read("product.onnx", "--dims", "batch=5")).toMatchObject({ summary: { macs: 20, symbols: [] } });
    expect(await read("product.onnx", "--shape", "x=7,2")).toMatchObject({ summary: { macs: 28 } });
    const renamed = await read("product.onnx", "--shape", "x=rows,2", "--dims", "rows=3");
    expect(renamed).toMatchObject({ summary: { macs: 12 } });
  });

  test("weights in another file are found beside the model", async () => {
    expect(await read("net.onnx")).toMatchObject({ kind: "program", summary: { parameters: 1 + 512 * 514 } });
    await expect(read("alone.onnx")).rejects.toMatchObject({ code: "external-missing" });
  });

  test("a TFLite file", async () => {
    const name = "../../node_modules/@mediapipe/face_detection/face_detection_full_range.tflite";
    const file = fileURLToPath(new URL(name, import.meta.url));
    const report = await readReport(parseCommand(["inspect", file]) as InspectCommand);
    expect(report).toMatchObject({ kind: "program", format: "tflite", metadata: {}, summary: { symbols: [] } });
    const wrong = parseCommand(["inspect", file, "--dims", "batch=1"]) as InspectCommand;
    await expect(readReport(wrong)).rejects.toThrow('--dims: expected none, as all dimensions are known, got "batch"');
  });

  test("what is not supported: everything in the file, and all reasons", async () => {
    const report = await read("foreign.onnx");
    expect(report).toMatchObject({
      kind: "unsupported",
      model: {
        inputs: [{ name: "x", type: "float32[batch, 3]" }],
        operators: [
          { name: "Add", count: 1 },
          { name: "com.example.Magic", count: 1 },
        ],
        parameters: 9,
      },
    });
    const text = formatReport(report);
    expect(text).toContain("com.example.Magic      1");
    expect(text).toMatch(/not supported \(2\)\n {2}- .*UINT16.*\n {2}- .*Magic/);
    expect(text).toContain("producer: evil\\u{1b}[2J");
    expect(await read("open.onnx")).toMatchObject({
      kind: "unsupported",
      model: { inputs: [{ type: "float32, shape unknown" }] },
    });
    expect(await read("open.onnx", "--shape", "x=4,3")).toMatchObject({ kind: "program", summary: { macs: 24 } });
  });

  test("a version of the operators that is not known", async () => {
    writeFileSync(at("future.onnx"), encodeModel({ ...linear, opsetImport: [{ version: 99 }] }));
    expect(await read("future.onnx")).toMatchObject({
      kind: "unsupported",
      model: { operators: [{ name: "Add" }, { name: "MatMul" }] },
      reasons: [expect.stringContaining("got 99")],
    });
  });

  test("a number for a dimension that is not there is a slip", async () => {
    await expect(read("product.onnx", "--dims", "bacth=1")).rejects.toThrow(
      new UsageError('--dims: expected names among batch, got "bacth"'),
    );
  });

  test("a damaged file", async () => {
    await expect(read("cut.onnx")).rejects.toThrow(FormatError);
  });
});

describe("tensors", () => {
  test("safetensors: by the header alone", async () => {
    const report = await read("weights.safetensors");
    expect(report).toMatchObject({ kind: "tensors", metadata: { epoch: "3" } });
    expect(formatReport({ ...report, file: "weights.safetensors" })).toMatchInlineSnapshot(`
      "weights.safetensors (safetensors, 186 B)
      epoch: 3

      tensor          type       bytes
      encoder.weight  F32[2, 2]   16 B
      bias            I8[2]        2 B

      2 tensors, 6 elements, 18 B"
    `);
  });

  test("npy and npz, whatever the case of the ending", async () => {
    expect(await read("array.npy")).toMatchObject({
      tensors: [{ name: "array", dtype: "float32", shape: [1, 3], bytes: 12 }],
    });
    expect(await read("ARRAYS.NPZ")).toMatchObject({
      format: "npz",
      tensors: [
        { name: "a", dtype: "float32", shape: [2], bytes: 8 },
        { name: "b", dtype: "bool", shape: [], bytes: 1 },
      ],
    });
  });

  test("they have no dimensions to be named", async () => {
    await expect(read("array.npy", "--dims", "n=1")).rejects.toThrow(UsageError);
  });
});

describe("files that are none", () => {
  test("another ending, a folder, nothing", async () => {
    await expect(read("model.pt")).rejects.toThrow(UsageError);
    mkdirSync(at("folder.onnx"));
    await expect(read("folder.onnx")).rejects.toThrow("expected a file, got a folder");
    await expect(read("nothing.onnx")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.skipIf(process.platform === "win32")("a device as the model, or beside it", async () => {
    symlinkSync("/dev/zero", at("endless.onnx"));
    await expect(read("endless.onnx")).rejects.toThrow("expected a plain file");
    symlinkSync("/dev/zero", at("weights.bin"));
    await expect(read("alone.onnx")).rejects.toMatchObject({ code: "external-missing" });
  });
});
