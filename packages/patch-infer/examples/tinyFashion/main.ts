// Networks for a given arena, found together with their schedule, against layer-by-layer ones of the same memory; really trained.
// Killed at any time and started again, it goes on.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/examples/tinyFashion/main.ts [folder] [--small]
import { join } from "node:path";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { settings, smallSettings } from "./settings.ts";
import { runExperiment } from "./experiment.ts";
import { writeReport } from "./report.ts";

const given = process.argv.slice(2);
const small = given.includes("--small");
const folder = given.find((argument) => !argument.startsWith("--"));
const output =
  folder ?? join(import.meta.dirname, "../../../../reports", small ? "tiny-fashion-small" : "tiny-fashion");
// One thread: the numbers do not depend on the machine's load, and other work has a core to itself.
const backend = await onnxruntime({ intraOpNumThreads: 1, interOpNumThreads: 1 });
const own = small ? smallSettings : settings;
const rows = await runExperiment(own, { folder: join(output, "store"), backend, log: (line) => console.log(line) });
await writeReport(output, rows, own);
await backend.dispose();
