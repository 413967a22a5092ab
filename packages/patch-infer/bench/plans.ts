/**
 * The tables of docs/plan.md: MobileNetV2 1.0 at 224 x 224, int8, stage of patches up to the fourth block.
 *
 * node --conditions=@parsimony/source --import tsx packages/patch-infer/bench/plans.ts
 */
import { type Overlap, type Plan, analyze, patchBoxes, planLayers, planPatches } from "@parsimony/patch-infer";
import { mobileNetV2, shapeNetwork } from "@parsimony/patch-infer/architecture";

const network = shapeNetwork(mobileNetV2());
const split = "block3.project";
const layers = planLayers(network);
const alone = layers.stages.filter(({ end }) => end <= 13).reduce((sum, { macs }) => sum + macs, 0);
const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const row = (...cells: readonly unknown[]): string => `| ${cells.join(" | ")} |`;

function stagePeak(plan: Plan): number {
  return Math.max(...plan.moments.filter(({ stage }) => stage === 0).map(({ liveBytes }) => liveBytes));
}

console.log(`layer by layer: ${kib(layers.arenaBytes)} KiB, ${(layers.macs.network / 1e6).toFixed(2)} M\n`);
console.log(row("grid", "patch input", "stage, virtual / clipped", "network, virtual / clipped", "stage", "arena"));
for (const count of [2, 3, 4, 7]) {
  const grid = { rows: count, columns: count };
  const plan = planPatches(network, { split, grid });
  const [stage] = plan.stages;
  const size = (box: "stored" | "unclipped"): number =>
    Math.max(
      ...patchBoxes(network, { split, grid }).map(({ maps }) => {
        const { start = 0, end = 0 } = maps["image"]?.[box].rows ?? {};
        return end - start;
      }),
    );
  const { macs } = plan;
  const cost = `${percent((stage?.virtualMacs ?? 0) / alone - 1)} / ${percent((stage?.macs ?? 0) / alone - 1)}`;
  const total = `${percent(macs.virtual / macs.network - 1)} / ${percent(macs.plan / macs.network - 1)}`;
  console.log(
    row(
      `${count} x ${count}`,
      `${size("unclipped")} (${size("stored")})`,
      cost,
      total,
      kib(stagePeak(plan)),
      kib(plan.arenaBytes),
    ),
  );
}

console.log(`\n${row("overlap", "grid", "network", "stage", "arena")}`);
const modes: readonly (readonly [Overlap, number, number])[] = [
  ["recompute", 7, 7],
  ["cacheColumns", 7, 7],
  ["cacheBoth", 7, 7],
  ["cacheRows", 7, 1],
  ["recompute", 28, 28],
  ["cacheColumns", 28, 28],
  ["cacheBoth", 28, 28],
  ["cacheRows", 28, 1],
];
for (const [overlap, rows, columns] of modes) {
  const plan = planPatches(network, { split, grid: { rows, columns }, overlap });
  const extra = percent(plan.macs.plan / plan.macs.network - 1);
  console.log(row(`\`${overlap}\``, `${rows} x ${columns}`, extra, kib(stagePeak(plan)), kib(plan.arenaBytes)));
}

console.log(`\n${row("options", "peak", "blocks at 28 x 28")}`);
const choices = [{}, { accumulateIntoResidual: false }, { inPlace: false, accumulateIntoResidual: false }];
for (const options of choices) {
  const rows = analyze(network, options);
  const at28 = rows.filter(({ name }) => /^block[45]\./.test(name)).map(({ liveBytes }) => liveBytes);
  console.log(row(JSON.stringify(options), kib(rows.at(-1)?.peakBytes ?? 0), kib(Math.max(...at28))));
}

const started = performance.now();
const again = 10;
for (let i = 0; i < again; i++) planPatches(network, { split, grid: { rows: 4, columns: 4 } });
console.log(`\nplanPatches: ${((performance.now() - started) / again).toFixed(1)} ms`);
