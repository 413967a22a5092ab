import { describe, expect, test } from "vitest";
import { UsageError, parseCommand, usage } from "../../src/cli/arguments.ts";

describe("understood", () => {
  test("a file alone", () => {
    expect(parseCommand(["inspect", "a.onnx"])).toEqual({
      run: "inspect",
      file: "a.onnx",
      json: false,
      color: true,
      layers: 25,
      dims: {},
      shapes: {},
    });
  });

  test("every option, before and after the file", () => {
    const text = "inspect --json --no-color a.onnx --layers all --dims batch=1,tokens=128 --dims n=0 --shape x=1,3,h,w";
    expect(parseCommand([...text.split(" "), "--shape", "model=v2:0=[2, 3]", "--shape", "scalar="])).toEqual({
      run: "inspect",
      file: "a.onnx",
      json: true,
      color: false,
      layers: "all",
      dims: { batch: 1, tokens: 128, n: 0 },
      shapes: { x: [1, 3, "h", "w"], "model=v2:0": [2, 3], scalar: [] },
    });
  });

  test("help and version, whatever else there is", () => {
    for (const flag of ["--help", "-h"]) expect(parseCommand(["inspect", flag])).toEqual({ run: "help" });
    for (const flag of ["--version", "-v"]) expect(parseCommand([flag])).toEqual({ run: "version" });
    for (const option of ["--dims", "--shape", "--layers", "--json", "--no-color"]) expect(usage).toContain(option);
  });
});

test.each([
  ["expected the command inspect, got none", ""],
  ['expected the command inspect, got "look"', "look a.onnx"],
  ["expected a file, got none", "inspect"],
  ["expected one file, got 2", "inspect a.onnx b.onnx"],
  ["Unknown option '--layer'", "inspect a.onnx --layer 3"],
  ["Option '--layers <value>' argument missing", "inspect a.onnx --layers"],
  ['--layers: expected a whole number or all, got "-1"', "inspect a.onnx --layers=-1"],
  ['--layers: expected a whole number or all, got "many"', "inspect a.onnx --layers many"],
  ['--dims: expected name=number, got "batch"', "inspect a.onnx --dims batch"],
  ['--dims: expected name=number, got "batch=1.5"', "inspect a.onnx --dims batch=1.5"],
  ['--dims: expected name=number, got "=1"', "inspect a.onnx --dims =1"],
  ['--shape: expected input=1,3,8,8, got "1,3"', "inspect a.onnx --shape 1,3"],
  ['--shape: expected whole numbers and names, got "-3"', "inspect a.onnx --shape x=1,-3"],
  ['--shape: expected whole numbers and names, got ""', "inspect a.onnx --shape x=1,,3"],
])("refused: %s", (message, line) => {
  const parse = (): unknown => parseCommand(line.split(" ").filter((part) => part !== ""));
  expect(parse).toThrow(new UsageError(message));
});
