import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lineChart, reportPage } from "@parsimony/charts";
import { type MobileNet, shapeNetwork } from "@parsimony/patch-infer/architecture";
import { memoryChart } from "@parsimony/patch-infer/report";
import type { Method, Row } from "./experiment.ts";
import type { Settings } from "./settings.ts";
import { planLayerByLayer, planWithin } from "./spaces.ts";

const names: Readonly<Record<Method, string>> = {
  joint: "network and schedule searched together",
  layers: "network searched for layer by layer",
  "by hand": "MobileNetV2's proportions, shrunk until it fits layer by layer",
};

/** Writes what was found as a page, a picture and a table. */
export async function writeReport(folder: string, rows: readonly Row[], settings: Settings): Promise<void> {
  await mkdir(folder, { recursive: true });
  const csv = csvOf(rows);
  const accuracy = accuracyChart(rows);
  await writeFile(join(folder, "summary.csv"), csv);
  await writeFile(join(folder, "accuracy.svg"), accuracy);
  const { steps, batch, testImages, seeds, finalistSteps } = settings;
  const evaluations = rows[0]?.evaluations;
  const page = reportPage({
    title: "Networks for a small arena, found together with their schedule",
    sections: [
      {
        paragraphs: [
          "Clothes of Fashion-MNIST (28 x 28 cells) at random places of a canvas of 96 x 96 cells, among six pieces of 8 x 8 cells of other clothes: find and name the one that is whole. Networks may take the canvas at 96 x 96 or shrunk to 64 or 48.",
          `The same space of MobileNet-like networks is searched twice: for networks that run layer by layer in the arena (the image is read row by row, so it is not counted), and for networks with the best schedule of patches that searchPlan finds. At most ${settings.macs / 1e6} M multiply-accumulates per image (recomputed ones included) and ${settings.flashBytes / 1024} kB of weights for all. For every budget, schedule and resolution an evolution looks for the network with the most work inside the limits (${evaluations} candidates in all). The winners make one short list: each is trained for ${finalistSteps} steps, and for every budget and schedule the one that fits with the most accuracy on validation canvases is trained for ${steps} steps of ${batch} images, with ${seeds.length === 1 ? "one seed" : `${seeds.length} seeds`}. Accuracy on ${testImages} test canvases; int8 accuracy through this package's kernels, by the plan, in an arena of the planned size. The rule was changed while first results were seen; the package's page on networks says how.`,
        ],
        charts: [
          { svg: accuracy, caption: "int8 accuracy on test canvases; with several seeds their mean, least and most." },
        ],
        table: tableOf(rows),
        downloads: [{ name: "summary.csv", type: "text/csv", text: csv }],
      },
      ...rows.filter(({ method }) => method === "joint").map(memorySection),
      { title: "The networks", table: networksTable(rows) },
    ],
  });
  await writeFile(join(folder, "index.html"), page);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

function accuracyChart(rows: readonly Row[]): string {
  const series = (["joint", "layers", "by hand"] as const).map((method, look) => {
    const own = rows.filter((row) => row.method === method).sort((a, b) => a.budget - b.budget);
    const reached = own.map(({ runs }) => runs.map(({ int8 }) => 100 * int8.accuracy));
    return {
      name: names[method],
      x: own.map(({ budget }) => budget),
      y: reached.map(mean),
      lower: reached.map((values) => Math.min(...values)),
      upper: reached.map((values) => Math.max(...values)),
      interval: "bars" as const,
      markers: true,
      look,
    };
  });
  return lineChart(series, {
    title: "Accuracy for a given arena",
    x: { label: "arena in kB" },
    y: { label: "int8 accuracy in %" },
  });
}

function tableOf(rows: readonly Row[]): { columns: string[]; rows: string[][] } {
  const columns = [
    "Budget",
    "Network",
    "Accuracy float32",
    "Accuracy int8",
    "Arena",
    "Multiply-accumulates",
    "Of those recomputed",
    "Weights",
    "Schedule",
  ];
  return {
    columns,
    rows: rows.map(({ budget, method, runs, flashBytes }) => {
      const first = runs[0]?.int8;
      return [
        `${budget} kB`,
        names[method],
        runs.map((run) => share(run.float)).join(", "),
        runs.map(({ int8 }) => share(int8.accuracy)).join(", "),
        `${first?.arenaBytes} bytes`,
        `${((first?.macs ?? 0) / 1e6).toFixed(2)} M`,
        share((first?.macs ?? 1) / (first?.networkMacs ?? 1) - 1),
        `${(flashBytes / 1024).toFixed(1)} kB`,
        first?.stages.join("; ") ?? "",
      ];
    }),
  };
}

function networksTable(rows: readonly Row[]): { columns: string[]; rows: string[][] } {
  return {
    columns: ["Budget", "Network", "Input", "Stem", "Blocks: kernel, stride, hidden, outputs", "Head"],
    rows: rows.map(({ budget, method, net }) => [
      `${budget} kB`,
      names[method],
      `${net.resolution} x ${net.resolution}`,
      `${net.stem.kernel} x ${net.stem.kernel}, stride ${net.stem.stride}, ${net.stem.outputs}`,
      net.blocks.map(({ kernel, stride, hidden, outputs }) => `${kernel} ${stride} ${hidden} ${outputs}`).join("; "),
      String(net.head),
    ]),
  };
}

function memorySection({ budget, net }: { readonly budget: number; readonly net: MobileNet }): {
  title: string;
  charts: { svg: string; caption: string }[];
} {
  const network = shapeNetwork(net);
  const plan = planWithin(network, "patches", budget * 1024);
  const layers = planLayerByLayer(network);
  const caption = `Bytes that are alive from step to step: by the plan (arena ${plan?.arenaBytes} bytes), and the same network layer by layer (${layers.arenaBytes} bytes).`;
  const plans = [
    { name: "by the plan", plan: plan ?? layers },
    { name: "layer by layer", plan: layers },
  ];
  return { title: `The joint search's network for ${budget} kB`, charts: [{ svg: memoryChart(plans), caption }] };
}

function csvOf(rows: readonly Row[]): string {
  const header =
    "budget_kB,method,seed,float_accuracy,int8_accuracy,arena_bytes,high_water_bytes,macs,network_macs,flash_bytes,resolution";
  const lines = rows.flatMap(({ budget, method, net, flashBytes, runs }) =>
    runs.map(({ seed, float, int8 }) =>
      [
        budget,
        method,
        seed,
        float,
        int8.accuracy,
        int8.arenaBytes,
        int8.highWaterBytes,
        int8.macs,
        int8.networkMacs,
        flashBytes,
        net.resolution,
      ].join(","),
    ),
  );
  return `${[header, ...lines].join("\n")}\n`;
}
