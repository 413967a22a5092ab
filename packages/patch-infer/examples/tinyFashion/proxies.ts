// How well do the training-free scores order networks? Trains random networks of the space for a short time and compares.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/examples/tinyFashion/proxies.ts [networks] [steps]
import { join } from "node:path";
import { random } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { networkOf } from "@parsimony/patch-infer";
import {
  type Genes,
  activationPatternScore,
  activationVolumeScore,
  evolve,
  flashBytesOf,
  initMobileNet,
  mobileNetGraph,
  weightedMacs,
} from "@parsimony/patch-infer/architecture";
import { drawCanvases, loadClothes, resizeCanvases } from "./canvases.ts";
import { Results } from "./jobs.ts";
import { settings } from "./settings.ts";
import { mixedSpace } from "./spaces.ts";
import { accuracy, trainMobileNet } from "./train.ts";

const [networks = 12, steps = settings.finalistSteps] = process.argv.slice(2).map(Number);
const results = new Results(join(import.meta.dirname, "../../../../reports/tiny-fashion/proxies"));
const backend = await onnxruntime({ intraOpNumThreads: 1, interOpNumThreads: 1 });
const { train, validation } = await loadClothes();
const bytes = 16 * 1024;
const space = mixedSpace(bytes);
const drawn: Genes[] = [];
await evolve({
  space,
  constraints: { memoryBytes: bytes, macs: settings.macs, flashBytes: settings.flashBytes },
  population: networks,
  generations: 0,
  seed: 9,
  evaluate: ({ genes }) => drawn.push(genes),
});
const rows = [];
for (const [i, genes] of drawn.entries()) {
  rows.push(
    await results.once(`network-${steps}-${i}`, async () => {
      const net = space.netOf(genes);
      const network = networkOf(mobileNetGraph(net, initMobileNet(net, random.key(1))));
      const places = Int32Array.from({ length: 24 }, (_, place) => place);
      const images = resizeCanvases(drawCanvases(train, places, 7), net.resolution);
      const cells = net.resolution ** 2;
      const inputs = Array.from({ length: 24 }, (_, image) => images.subarray(image * cells, (image + 1) * cells));
      const params = await trainMobileNet(net, train, { backend, steps, seed: 100, batch: settings.batch });
      return {
        accuracy: await accuracy(net, params, validation, { backend, images: 2000 }),
        pattern: activationPatternScore(network, { seed: 1, inputs }),
        volume: activationVolumeScore(network, { seed: 1, inputs }),
        macs: weightedMacs(network),
        depthwise: weightedMacs(network, { depthwiseConv2d: 4 }),
        flash: flashBytesOf(net),
        resolution: net.resolution,
        net,
      };
    }),
  );
  const { net: _, ...numbers } = rows.at(-1) as (typeof rows)[number];
  console.log(JSON.stringify(numbers));
}
for (const name of ["pattern", "volume", "macs", "depthwise", "flash", "resolution"] as const)
  console.log(
    name,
    spearman(
      rows.map((row) => row[name]),
      rows.map((row) => row.accuracy),
    ).toFixed(2),
  );
await backend.dispose();

/** Rank correlation; ties have the mean of their ranks. */
function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const product = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, i) => sum + (value - mean) * ((v[i] as number) - mean), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });
}
