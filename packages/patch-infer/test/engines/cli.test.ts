import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Tensor, conv2d, cumsum, random, relu, spec, trace } from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PlanCommand, UsageError, parseCommand, usage } from "../../src/cli/arguments.ts";
import { runPlan } from "../../src/cli/runPlan.ts";
import type { Plan } from "../../src/plan/plan.ts";

const command = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const faces = fileURLToPath(
  new URL("../../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite", import.meta.url),
);
let folder = "";
const at = (name: string): string => join(folder, name);

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

/** The same in this process, from the parsed arguments on. */
async function runHere(...args: readonly string[]): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const code = await runPlan(parseCommand(args) as PlanCommand, {
    print: (text) => {
      stdout += text;
    },
    complain: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parsimony-patch-"));
  const weights = (shape: number[], seed: number): Tensor => random.normal(random.key(seed), shape);
  const net = trace(
    (x: Tensor) => {
      const wide = relu(conv2d(x, weights([16, 3, 3, 3], 1)));
      return conv2d(wide, weights([4, 16, 3, 3], 2), { strides: 2 });
    },
    spec(["batch", 3, 32, 24], "float32", "photo"),
  );
  writeFileSync(at("net.onnx"), writeOnnx(net));
  const sums = trace((x: Tensor) => cumsum(x, 2), spec([1, 3, 8, 8], "float32", "x"));
  writeFileSync(at("sums.onnx"), writeOnnx(sums));
  writeFileSync(
    at("random.tflite"),
    new Uint8Array(1000).map((_, i) => i * 73),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("as a process", () => {
  test("a real model within a budget, and every file", async () => {
    const files = ["--report", "out/page.html", "--json", "plan.json", "--c", "code"];
    const { code, stdout, stderr } = await run(faces, "--budget", "256k", ...files);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("69 layers, 30.8 M MACs");
    expect(stdout).toContain("layer by layer 1280.0 KiB are alive at once");
    const plan = JSON.parse(readFileSync(at("plan.json"), "utf8")) as Plan;
    expect(plan.arenaBytes).toBeLessThanOrEqual(256 * 1024);
    expect(plan.macs.plan).toBe(plan.macs.network);
    expect(stdout).toContain(`${plan.arenaBytes} bytes`);
    expect(stdout).toContain("nothing is computed twice");
    expect(readFileSync(at("out/page.html"), "utf8")).toContain(
      "<h1>face_detection_short_range.tflite, patch by patch</h1>",
    );
    expect(readFileSync(at("code/net.h"), "utf8")).toContain(String(plan.arenaBytes));
  });

  test("help, version, and errors: one clear line, never a stack", async () => {
    const [help, version, wrong, garbage] = await Promise.all([
      run("--help"),
      run("--version"),
      run("net.onnx", "--budget", "much"),
      run("random.tflite"),
    ]);
    expect(help).toEqual({ code: 0, stdout: usage, stderr: "" });
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    expect(version.stdout).toBe(`${(JSON.parse(manifest) as { version: string }).version}\n`);
    expect(wrong).toEqual({
      code: 2,
      stdout: "",
      stderr: 'patch-infer: --budget: expected a size such as 64k, got "much"\npatch-infer --help says more\n',
    });
    expect([garbage?.code, garbage?.stdout]).toEqual([3, ""]);
    expect(garbage?.stderr).toMatch(/^patch-infer: random\.tflite: [^\n]+\n$/);
  });
});

describe("in this process", () => {
  test("no plan fits: the smallest that can be reached, exit code 1", async () => {
    const { code, stdout, stderr } = await runHere(faces, "--budget", "10k", "--max-grid", "4", "--single-split");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^no plan fits into 10240 bytes: the smallest needs \d+$/);
    expect(stdout).toContain("the smallest that can be reached:\narena ");
  });

  test("a model with an open dimension, verified", async () => {
    await expect(runHere(at("net.onnx"), "--dims", "batch=2")).rejects.toThrow(/batch|2/);
    const { code, stdout } = await runHere(at("net.onnx"), "--dims", "batch=1", "--verify");
    expect(code).toBe(0);
    await runHere(at("net.onnx"), "--overlap", "cacheRows", "--max-grid", "2", "--onnx", at("patched.onnx"));
    expect(readOnnx(readFileSync(at("patched.onnx"))).inputs).toEqual(["photo"]);
    const bytes = /\((\d+) bytes/.exec(stdout)?.[1];
    expect(stdout).toContain(
      `verified: 3 random inputs, the same bits as layer by layer, ${bytes} bytes of arena touched`,
    );
    const shaped = await runHere(at("net.onnx"), "--shape", "photo=1,3,32,24", "--overlap", "recompute");
    expect(shaped.stdout).toContain("recompute");
  });

  test("an empty file is no model", async () => {
    writeFileSync(at("empty.onnx"), "");
    await expect(runHere(at("empty.onnx"))).rejects.toThrow(/nothing to plan/);
  });

  test("nothing is written when the plan is not there", async () => {
    await runHere(at("net.onnx"), "--dims", "batch=1", "--budget", "1", "--json", at("none.json"));
    expect(existsSync(at("none.json"))).toBe(false);
  });

  test.each([
    ["an operator that no layer stands for", ["sums.onnx"], /cumsum/i],
    ["a missing file", ["none.onnx"], /ENOENT/],
    ["a folder", ["../dir.onnx"], /ENOENT|folder/],
  ])("%s", async (_, [file = ""], message) => {
    await expect(runHere(at(file))).rejects.toThrow(message);
  });

  test("wrong usage that only the file shows", async () => {
    await expect(runHere(at("plan.txt"))).rejects.toThrow(UsageError);
    await expect(runHere(at("random.tflite"), "--dims", "n=1")).rejects.toThrow(UsageError);
  });
});
