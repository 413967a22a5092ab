import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { usage } from "../src/cli/arguments.ts";
import { encodeModel } from "../src/formats/onnx/encode.ts";
import { writeOnnx } from "../src/formats/onnx/index.ts";
import { type Tensor, matmul, relu, spec, tensor, trace } from "../src/index.ts";
import { linear } from "./formats/onnx/models.ts";

const command = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
let folder = "";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in the folder, from the sources, as a process of its own. */
function run(...args: readonly string[]): Promise<Outcome> {
  const loader = ["--conditions=@parsimony/source", "--import", import.meta.resolve("tsx"), command];
  const child = spawn(process.execPath, [...loader, ...args], { cwd: folder });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => {
    stdout += data.toString("utf8");
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data.toString("utf8");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parsimony-cli-"));
  const w = tensor([
    [1, -1, 2],
    [0, 3, 1],
  ]);
  const graph = trace((x: Tensor) => relu(matmul(x, w)), spec(["batch", 2], "float32", "x"));
  writeFileSync(join(folder, "layer.onnx"), writeOnnx(graph));
  const magic = { opType: "Magic", domain: "com.example", input: ["x"], output: ["y"] };
  writeFileSync(join(folder, "foreign.onnx"), encodeModel({ ...linear, graph: { ...linear.graph, node: [magic] } }));
  writeFileSync(
    join(folder, "random.onnx"),
    new Uint8Array(1000).map((_, i) => i * 73),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("exit code 0", () => {
  test("a model as text, plain because nobody looks", async () => {
    const { code, stdout, stderr } = await run("inspect", "layer.onnx", "--dims", "batch=10");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatchInlineSnapshot(`
      "layer.onnx (onnx, 193 B)
      IR version: 8
      opset: 18
      producer: parsimony

      inputs   x: float32[10, 2]
      outputs  output: float32[10, 3]

      operator  nodes  MACs
      matmul        1    60
      relu          1

      #  op      result    type            MACs  params  bytes  memory
      0  matmul  matmul_0  float32[10, 3]    60       6  120 B  ██████████████████░░░░░░░░░░░
      1  relu    output    float32[10, 3]                120 B  ██████████████████░░░░░░░░░░░░░░░░░ < peak
      █ the node's results  ░ other values that are needed while it runs  < peak

      parameters   6 (24 B)
      MACs         60
      activations  240 B in all results
      peak memory  240 B of values at once, at node 1 (output)
      "
    `);
  });

  test("as JSON", async () => {
    const { code, stdout } = await run("inspect", "layer.onnx", "--json");
    const report = JSON.parse(stdout) as object;
    expect(code).toBe(0);
    expect(report).toMatchObject({ kind: "program", file: "layer.onnx", format: "onnx" });
    expect(Object.keys(report)).toEqual(["kind", "file", "bytes", "format", "metadata", "summary"]);
    expect(report).toMatchObject({
      summary: {
        inputs: [{ name: "x", dtype: "float32", shape: ["batch", 2] }],
        layers: [
          { index: 0, op: "matmul", macs: "6*batch", parameters: 6 },
          { index: 1, op: "relu" },
        ],
        symbols: ["batch"],
      },
    });
  });

  test("help and version", async () => {
    const [help, version] = await Promise.all([run("--help"), run("--version")]);
    expect(help).toEqual({ code: 0, stdout: usage, stderr: "" });
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    expect(version).toEqual({
      code: 0,
      stdout: `${(JSON.parse(manifest) as { version: string }).version}\n`,
      stderr: "",
    });
  });
});

describe("exit code 1, one message and never a stack", () => {
  test("what is not supported is listed on the output", async () => {
    const { code, stdout, stderr } = await run("inspect", "foreign.onnx");
    expect(code).toBe(1);
    expect(stderr).toBe("core-tensor: foreign.onnx: cannot be read as a program (1 reason)\n");
    expect(stdout).toContain("com.example.Magic      1");
    expect(stdout).toContain("not supported (1)\n  - node 0, Magic");
  });

  test("a file that is not what its name says, and one that is not there", async () => {
    const [random, none] = await Promise.all([run("inspect", "random.onnx"), run("inspect", "none.tflite")]);
    expect([random.code, random.stdout]).toEqual([1, ""]);
    expect(random.stderr).toMatch(/^core-tensor: random\.onnx: ONNX: .* \(at byte \d+\)\n$/);
    expect(none).toEqual({ code: 1, stdout: "", stderr: "core-tensor: none.tflite: no such file\n" });
  });
});

test("exit code 2: wrong usage", async () => {
  const { code, stdout, stderr } = await run("inspect", "layer.onnx", "--layer", "3");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toBe("core-tensor: Unknown option '--layer'\ncore-tensor --help says more\n");
});
