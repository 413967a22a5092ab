/**
 * Writes every case of `cases.ts` and every program of `programs.ts` as an .onnx file, for check.py:
 *
 *     npx tsx packages/core-tensor/test/formats/onnx/write_cases.ts FOLDER [OPSET]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeOnnx } from "../../../src/formats/onnx/index.ts";
import type { Graph } from "../../../src/ops/program.ts";
import type { OpName } from "../../../src/ops/vocabulary.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import { type Case, cases, programOf } from "./cases.ts";
import { symbolicPrograms, training } from "./programs.ts";

const [folder = "models", opset = "17"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
let written = 0;
const refused: string[] = [];

function write(name: string, graph: Graph): void {
  try {
    writeFileSync(join(folder, `${name}.onnx`), writeOnnx(graph, { opset: Number(opset) }));
    written++;
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    refused.push(name);
  }
}

for (const [op, list] of Object.entries(cases)) {
  (list as readonly Case<object>[]).forEach((one, i) => write(`${op}_${i}`, programOf(op as OpName, one)));
}
for (const [name, { graph }] of Object.entries({ ...symbolicPrograms, training })) write(`program_${name}`, graph);
console.log(`${written} models written; ${refused.length} need a newer opset: ${refused.join(" ")}`);
