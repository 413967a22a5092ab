// What is left of trained tickets when everything without an effect is gone: needs the experiment of main.ts.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/lenet-mnist/compactTickets.ts [folder]
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Tensor, random, spec } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { dataSeedOf, readTickets, subStore } from "@parsimony/lottery";
import { compact, modelGraph } from "@parsimony/lottery/compact";
import { folderStore } from "@parsimony/lottery/node";
import { writeSparseSafetensors } from "@parsimony/lottery/sparse";
import { initLeNet, type LeNet, lenetLogits } from "../shared/lenet.ts";
import { lenetTrainer } from "./experiment.ts";
import { settings } from "./settings.ts";

const [output = join(import.meta.dirname, "../../../../reports/lenet-mnist")] = process.argv.slice(2);
const [seed = 1] = settings.seeds;
const tickets = await readTickets(subStore(folderStore(join(output, "store")), `jobs/main-seed${seed}-tickets/`));
if (tickets === undefined) throw new Error(`there are no tickets in ${output}`);
const trainer = await lenetTrainer(settings.steps);
const shape = initLeNet(random.key(0), 784);
const nested = (params: Readonly<Record<string, Tensor>>): LeNet => {
  const layer = (name: keyof LeNet) => ({
    weight: params[`${name}.weight`] as Tensor,
    bias: params[`${name}.bias`] as Tensor,
  });
  return { hidden1: layer("hidden1"), hidden2: layer("hidden2"), output: layer("output") };
};
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const denseBytes = writeOnnx(
  modelGraph((p: LeNet, x: Tensor) => lenetLogits(p, x, 255), shape, spec(["batch", 784], "uint8", "images")),
);
console.log(`dense network: ${denseBytes.length} bytes as ONNX`);
for (const level of [7, 15, 20]) {
  const found = tickets.levels[level];
  if (found === undefined) continue;
  const trained = await trainer.advance(found.ticket.state, found.mask, settings.steps, dataSeedOf(seed, level));
  const { accuracy } = await trainer.evaluate(trained.params, "test");
  const graph = modelGraph(
    (p: LeNet, x: Tensor) => lenetLogits(p, x, 255),
    nested(trained.params),
    spec(["batch", 784], "uint8", "images"),
  );
  const { report, usedInputs, graph: small, mask } = compact(graph, found.mask);
  const pixels = usedInputs[0]?.used.length;
  const layers = report.layers.map(({ name, before, after }) => `${name} ${before} to ${after}`).join(", ");
  const sparse = writeSparseSafetensors({ ...small.constants }, { mask });
  console.log(
    `level ${level}, accuracy ${percent(accuracy ?? 0)}: ${percent(report.directDensity)} kept, ${percent(report.effectiveDensity)} with an effect; ` +
      `${report.removedUnits} units removed (${layers}), ${report.constantUnits} constant, ${pixels} pixels used; ` +
      `${writeOnnx(small).length} bytes as ONNX, ${sparse.length} as sparse safetensors, ${gzipSync(sparse, { level: 9 }).length} behind gzip`,
  );
}
await trainer.dispose();
