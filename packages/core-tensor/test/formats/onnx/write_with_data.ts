/**
 * Writes a model with its constants in a file of their own, for check_with_data.py beside this file. Run by hand from
 * the package's folder:
 *
 *     npx tsx test/formats/onnx/write_with_data.ts <folder> && python3 test/formats/onnx/check_with_data.py <folder>
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeOnnxWithData } from "../../../src/formats/onnx/index.ts";
import { largeWeights } from "./largeWeights.ts";

const folder = process.argv[2];
if (folder === undefined) throw new TypeError("write_with_data: expected a folder as the argument");
mkdirSync(folder, { recursive: true });
const graph = largeWeights();
const { model, data } = writeOnnxWithData(graph, { location: "net.onnx.data", opset: 17 });
writeFileSync(join(folder, "net.onnx"), model);
writeFileSync(join(folder, "net.onnx.data"), data);
const constants = Object.entries(graph.constants).map(([name, value]) => [name, [...value.dataSync()].map(Number)]);
writeFileSync(join(folder, "constants.json"), JSON.stringify(Object.fromEntries(constants)));
