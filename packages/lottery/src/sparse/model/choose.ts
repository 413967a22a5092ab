import { type Kernels, elementFloats } from "../kernels/kernels.ts";
import { placeLayer, placedBytes } from "../kernels/layerRecord.ts";
import { type Layout, type LayoutName, layoutBytes, layoutOf } from "../kernels/layout.ts";
import { newKernels } from "../kernels/newKernels.ts";
import { fieldShape, lanesFor, layerShape, modeOf } from "./fields.ts";
import type { WeightedStage } from "./stages.ts";

/** Every layout, the plainest first. */
export const layoutNames: readonly LayoutName[] = ["dense", "blocks", "sliced"];

/** The layout of a layer, and what spoke for it. */
export interface LayoutChoice {
  readonly layout: Layout;
  /** Bytes of every layout. */
  readonly bytes: Readonly<Record<LayoutName, number>>;
  /** Milliseconds of every layout for one batch, where they were measured. */
  readonly milliseconds?: Readonly<Record<LayoutName, number>>;
}

/** The layout with this name. */
export function fixedLayout(stage: WeightedStage, name: LayoutName): LayoutChoice {
  const layouts = allLayouts(stage);
  return { layout: layouts[name], bytes: bytesOf(layouts) };
}

/** The layout with the fewest bytes, the plainest among equals. */
export function smallestLayout(stage: WeightedStage): LayoutChoice {
  const layouts = allLayouts(stage);
  const bytes = bytesOf(layouts);
  return { layout: layouts[least(bytes)], bytes };
}

export interface MeasureOptions {
  /** Examples in a batch. */
  readonly batch: number;
  /** Time for this layer. */
  readonly milliseconds: number;
  /** Milliseconds since any moment. */
  readonly now: () => number;
  readonly engine?: Kernels["engine"];
}

/** A layout must beat dense by this factor: measured differences below are noise. */
const worthwhile = 0.95;

/**
 * The layout that was fastest when all were run in turns, by the shortest of their times. Dense unless another was at least 5 %
 * faster.
 */
export function fastestLayout(
  stage: WeightedStage,
  { batch, milliseconds, now, engine }: MeasureOptions,
): LayoutChoice {
  const layouts = allLayouts(stage);
  const runs = layoutNames.map((name) => layerRun(stage, layouts[name], batch, engine));
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  // Compilers of WebAssembly put better code in after some runs, so a handful is the least.
  for (let round = 0, spent = 0; round < 8 || (round < 1000 && spent < milliseconds); round++) {
    runs.forEach((run, i) => {
      const start = now();
      run();
      const time = now() - start;
      spent += time;
      best[i] = Math.min(best[i] as number, time);
    });
  }
  const times = Object.fromEntries(layoutNames.map((name, i) => [name, best[i] as number])) as Record<
    LayoutName,
    number
  >;
  const name = least({ ...times, dense: times.dense * worthwhile });
  return { layout: layouts[name], bytes: bytesOf(layouts), milliseconds: times };
}

/** One batch of made-up examples through one layer. */
function layerRun(stage: WeightedStage, layout: Layout, batch: number, engine?: Kernels["engine"]): () => void {
  const from = fieldShape(stage.input, stage);
  const to = fieldShape(stage.output, undefined);
  const inputBytes = 64 * Math.ceil(from.elements / 2);
  const kernels = newKernels(64 + inputBytes + 32 * to.elements + placedBytes(layout) + 64, engine);
  const x = 64;
  const y = x + inputBytes;
  const floats = new Float32Array(kernels.memory);
  for (let i = 0; i < 8 * from.elements; i++) floats[x / 4 + i] = ((i * 7) % 16) / 16 - 0.5;
  const at = 64 * Math.ceil((y + 32 * to.elements) / 64);
  const { layer } = placeLayer(kernels.memory, at, layout, layerShape(stage, from, to));
  return () => {
    for (let done = 0; done < batch; ) {
      const lanes = lanesFor(batch - done);
      const mode = modeOf(stage, lanes);
      kernels.run(layer, mode, x, y + 4 * elementFloats[mode] * to.corner);
      done += lanes;
    }
  };
}

function allLayouts({ matrix }: WeightedStage): Record<LayoutName, Layout> {
  return { dense: layoutOf("dense", matrix), blocks: layoutOf("blocks", matrix), sliced: layoutOf("sliced", matrix) };
}

function bytesOf(layouts: Readonly<Record<LayoutName, Layout>>): Record<LayoutName, number> {
  const { dense, blocks, sliced } = layouts;
  return { dense: layoutBytes(dense), blocks: layoutBytes(blocks), sliced: layoutBytes(sliced) };
}

function least(of: Readonly<Record<LayoutName, number>>): LayoutName {
  return layoutNames.reduce((best, name) => (of[name] < of[best] ? name : best));
}
