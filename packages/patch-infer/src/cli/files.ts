import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { Graph } from "@parsimony/core-tensor";
import { readOnnx } from "@parsimony/core-tensor/onnx";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { type PlanCommand, UsageError } from "./arguments.ts";

type Reader = (command: PlanCommand, bytes: Uint8Array) => Graph;

const readers: Readonly<Record<string, Reader>> = {
  ".onnx": ({ file, dims, shapes }, bytes) => readOnnx(bytes, { dims, shapes, external: besideOf(file) }),
  ".tflite": ({ dims, shapes }, bytes) => {
    if (Object.keys(dims).length > 0)
      throw new UsageError("--dims: .tflite files have no named dimensions; give --shape");
    return readTflite(bytes, { shapes });
  },
};

/**
 * The program in a file, read as its ending says.
 *
 * @throws UsageError for another ending; errors of core-tensor for what is in the file; the system's errors.
 */
export function readModel(command: PlanCommand): Graph {
  const reader = readers[extname(command.file).toLowerCase()];
  if (reader === undefined) {
    throw new UsageError(`expected a model that ends in ${Object.keys(readers).join(" or ")}, got ${command.file}`);
  }
  return reader(command, readWhole(command.file));
}

/** Before it is opened: opening a pipe waits for somebody to write into it. */
function readWhole(path: string): Uint8Array {
  const info = statSync(path);
  if (!info.isFile()) throw new Error(info.isDirectory() ? "expected a file, got a folder" : "expected a plain file");
  return readFileSync(path);
}

/** Files beside a model that hold large weights; the reader has checked that locations lead downwards. */
function besideOf(file: string): (location: string) => Uint8Array | undefined {
  return (location) => {
    try {
      return readWhole(join(dirname(file), location));
    } catch {
      return undefined;
    }
  };
}

/** Writes a file, and the folders that lead to it. */
export function writeResult(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
