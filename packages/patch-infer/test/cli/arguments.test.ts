import { describe, expect, test } from "vitest";
import { parseBytes, parseShare } from "../../src/cli/amounts.ts";
import { UsageError, parseCommand, usage } from "../../src/cli/arguments.ts";

const split = (line: string): string[] => line.split(" ").filter((part) => part !== "");

describe("amounts", () => {
  test.each([
    ["65536", 65536],
    ["64k", 65536],
    ["64K", 65536],
    ["64 KiB", 65536],
    ["64kb", 65536],
    ["1.5M", 1572864],
    ["0.3k", 307],
    ["2g", 2147483648],
    ["12b", 12],
    ["", Number.NaN],
    ["k", Number.NaN],
    ["-1", Number.NaN],
    ["1e3", Number.NaN],
    ["64q", Number.NaN],
    ["64 k k", Number.NaN],
  ])("%j are %d bytes", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each([
    ["10%", 0.1],
    ["0.1", 0.1],
    ["12.5 %", 0.125],
    ["0", 0],
    ["%", Number.NaN],
    ["-10%", Number.NaN],
    ["ten", Number.NaN],
  ])("%j is a share of %d", (text, share) => {
    expect(parseShare(text)).toBe(share);
  });
});

describe("understood", () => {
  test("a model alone", () => {
    expect(parseCommand(["net.tflite"])).toEqual({
      run: "plan",
      file: "net.tflite",
      dims: {},
      shapes: {},
      search: {},
      verify: false,
    });
  });

  test("every option, before and after the model", () => {
    const line =
      "--budget 64k net.onnx --max-overhead 10% --objective peak --overlap recompute,cacheBoth --single-split --max-grid 8 " +
      "--input external --output external --no-in-place --no-accumulate --align 4 --report a.html --json a.json --onnx a.onnx " +
      "--c folder --verify --dims batch=1,n=2 --dims m=3 --shape x=1,3,8,8 --shape model=v2:0=2";
    expect(parseCommand(split(line))).toEqual({
      run: "plan",
      file: "net.onnx",
      dims: { batch: 1, n: 2, m: 3 },
      shapes: { x: [1, 3, 8, 8], "model=v2:0": [2] },
      search: {
        memoryBudget: 65536,
        maxOverhead: 0.1,
        objective: "peak",
        overlaps: ["recompute", "cacheBoth"],
        singleSplit: true,
        maxGrid: 8,
        input: "external",
        output: "external",
        inPlace: false,
        accumulateIntoResidual: false,
        align: 4,
      },
      report: "a.html",
      json: "a.json",
      onnx: "a.onnx",
      c: "folder",
      verify: true,
    });
  });

  test("help and version, whatever else there is", () => {
    for (const flag of ["--help", "-h"]) expect(parseCommand(["net.onnx", flag])).toEqual({ run: "help" });
    for (const flag of ["--version", "-v"]) expect(parseCommand([flag])).toEqual({ run: "version" });
  });

  test("help names every option", () => {
    const named = [...usage.matchAll(/--[a-z-]+/g)].map(([name]) => name);
    for (const name of [
      "budget",
      "max-overhead",
      "objective",
      "overlap",
      "single-split",
      "max-grid",
      "input",
      "output",
    ]) {
      expect(named).toContain(`--${name}`);
    }
    for (const name of [
      "no-in-place",
      "no-accumulate",
      "align",
      "report",
      "json",
      "onnx",
      "c",
      "verify",
      "dims",
      "shape",
    ]) {
      expect(named).toContain(`--${name}`);
    }
  });
});

test.each([
  ["expected a model, got none", ""],
  ["--onnx: ./a.onnx is the model, or written already", "a.onnx --onnx ./a.onnx"],
  ["--json: x/../plan is the model, or written already", "a.onnx --report plan --json x/../plan"],
  ['--json: expected a path, got ""', "a.onnx --json="],
  ["expected one model, got 2", "a.onnx b.onnx"],
  ["Unknown option '--budgets'", "a.onnx --budgets 3"],
  ["Option '--budget <value>' argument missing", "a.onnx --budget"],
  ['--budget: expected a size such as 64k, got "many"', "a.onnx --budget many"],
  ['--budget: expected a size such as 64k, got "0"', "a.onnx --budget 0"],
  ['--max-overhead: expected a share such as 10%, got "-1"', "a.onnx --max-overhead=-1"],
  ['--objective: expected peak, macs, got "speed"', "a.onnx --objective speed"],
  [
    '--overlap: expected recompute, cacheColumns, cacheRows, cacheBoth, got "cache"',
    "a.onnx --overlap recompute,cache",
  ],
  ['--max-grid: expected a whole number, got "0"', "a.onnx --max-grid 0"],
  ['--max-grid: expected a whole number, got "2.5"', "a.onnx --max-grid 2.5"],
  ['--input: expected resident, external, callback, got "flash"', "a.onnx --input flash"],
  ['--output: expected resident, external, got "callback"', "a.onnx --output callback"],
  ['--align: expected 1, 4, 8, 16, got "2"', "a.onnx --align 2"],
  ['--dims: expected name=number, got "batch"', "a.onnx --dims batch"],
  ['--dims: expected name=number, got "=1"', "a.onnx --dims =1"],
  ['--shape: expected input=1,3,8,8, got "1,3"', "a.onnx --shape 1,3"],
  ['--shape: expected input=1,3,8,8, got "x=1,,3"', "a.onnx --shape x=1,,3"],
])("refused: %s", (message, line) => {
  expect(() => parseCommand(split(line))).toThrow(new UsageError(message));
});
