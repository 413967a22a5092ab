/**
 * Prunes the weights of an ONNX file by magnitude, drops the units that this leaves without effect, and writes the smaller file.
 *
 *   node --import tsx examples/shrinkOnnx.ts net.onnx smaller.onnx 0.9
 *
 * Magnitudes are those of the file: for a net that keeps its accuracy, train on under the mask (`graphModel`) before writing.
 */
import { readFile, writeFile } from "node:fs/promises";
import { summarize } from "@parsimony/core-tensor/inspect";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { onesMask, pruneByMagnitude } from "@parsimony/lottery";
import { compact, graphModel } from "@parsimony/lottery/compact";

const [source, target, rate = "0.9"] = process.argv.slice(2);
if (source === undefined || target === undefined) throw new Error("usage: shrinkOnnx.ts <from.onnx> <to.onnx> [rate]");

const bytes = new Uint8Array(await readFile(source));
const graph = readOnnx(bytes);
const { params } = graphModel(graph, { output: graph.outputs[0]?.name ?? "" });
const mask = pruneByMagnitude(params, onesMask(params), { rate: Number(rate), scope: "global", allowEmpty: true });
const { graph: smaller, report } = compact(graph, mask, { constants: "fold" });
const written = writeOnnx(smaller);
await writeFile(target, written);

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
console.log(`weights kept: ${percent(report.directDensity)}, with an effect: ${percent(report.effectiveDensity)}`);
for (const { name, before, after } of report.layers) console.log(`${name}: ${before} units, ${after} left`);
console.log(`multiply-accumulates: ${summarize(graph).macs} before, ${summarize(smaller).macs} after`);
console.log(`bytes: ${bytes.length} before, ${written.length} after`);
