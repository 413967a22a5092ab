import { type Graph, simplify } from "@parsimony/core-tensor";
import { checkChoice, checkPositive, checkWhole } from "../../base/checks.ts";
import { LotteryError } from "../../base/errors.ts";
import { type Mask, applyMask } from "../../mask/mask.ts";
import type { LayoutName } from "../kernels/layout.ts";
import { wasmKernels } from "../kernels/wasmKernels.ts";
import { type LaidOutStage, newChain } from "./chain.ts";
import { type LayoutChoice, fastestLayout, fixedLayout, layoutNames, smallestLayout } from "./choose.ts";
import { planSteps } from "./plan.ts";
import type { SparseLayerReport, SparseModelReport } from "./report.ts";
import { type RunnableStep, SparseModel } from "./sparseModel.ts";
import type { WeightedStage } from "./stages.ts";

export interface CompileSparseOptions {
  /** What layouts are chosen for: measured time (default) or bytes. */
  readonly goal?: "speed" | "size";
  /** One layout for all layers, without choosing. */
  readonly layout?: LayoutName;
  /** How many examples `predict` will usually get; layouts are measured with that. Default 1. */
  readonly batch?: number;
  /** Time for measuring, all layers together; at least eight runs of every layout are made. Default 200. */
  readonly milliseconds?: number;
  /** The clock for measuring, in milliseconds. Default: the platform's. */
  readonly now?: () => number;
  /** Default: WebAssembly where it has SIMD, else TypeScript; the report says which. */
  readonly engine?: "wasm" | "typescript";
}

/**
 * A program with pruned weights as a model that is fast because of them: products and convolutions run in kernels with the
 * layout that is the fastest (or smallest) for their weights, with bias and relu in the same pass; everything else runs in
 * the reference interpreter. `report` of the result says which.
 *
 * Nothing is approximated: every output is one sum over its inputs in rising order, in float32, so results differ from those of
 * other engines by rounding alone.
 *
 * @param graph one input and one output; weights are constants.
 * @param mask by the names of constants. Default: the zeros among the weights.
 * @throws LotteryError E_MASK when the mask does not fit, E_GRAPH for several inputs or outputs, E_OPTION for options outside
 *   their domain or when `engine` is `"wasm"` and WebAssembly with SIMD is missing.
 * @example compileSparse(graph, mask, { batch: 64 }).predict(x)
 */
export function compileSparse(graph: Graph, mask: Mask = {}, options: CompileSparseOptions = {}): SparseModel {
  checkOptions(options);
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1) {
    const counts = `${graph.inputs.length} inputs and ${graph.outputs.length} outputs`;
    throw new LotteryError("E_GRAPH", `compileSparse: expected a program with one input and one output, got ${counts}`);
  }
  const program = simplify({ ...graph, constants: applyMask(graph.constants, mask) });
  const steps = planSteps(program);
  const stages = steps.flatMap((step) => (step.kind === "chain" ? step.stages : []));
  const weighted = stages.filter((stage): stage is WeightedStage => stage.kind === "weighted");
  const choices = new Map(weighted.map((stage) => [stage, choose(stage, weighted.length, options)]));
  const runnable = steps.map((step): RunnableStep => {
    if (step.kind === "reference") return step;
    const laidOut = step.stages.map((stage): LaidOutStage => {
      const choice = stage.kind === "weighted" ? choices.get(stage) : undefined;
      return choice === undefined ? { stage } : { stage, layout: choice.layout };
    });
    const { input, output } = step;
    return { kind: "chain", input, output, chain: newChain(laidOut, options.engine) };
  });
  return new SparseModel(program, runnable, reportOf(runnable, choices, options));
}

function checkOptions({ goal = "speed", layout, batch = 1, milliseconds = 200, engine }: CompileSparseOptions): void {
  checkChoice("compileSparse", "goal", goal, ["speed", "size"]);
  if (layout !== undefined) checkChoice("compileSparse", "layout", layout, layoutNames);
  checkWhole("compileSparse", "batch", batch, 1);
  checkPositive("compileSparse", "milliseconds", milliseconds);
  if (engine === undefined) return;
  checkChoice("compileSparse", "engine", engine, ["wasm", "typescript"]);
  if (engine === "wasm" && wasmKernels(1) === undefined) {
    throw new LotteryError("E_OPTION", "compileSparse: engine: WebAssembly with SIMD is missing here");
  }
}

function choose(stage: WeightedStage, layers: number, options: CompileSparseOptions): LayoutChoice {
  const { goal, layout, batch = 1, milliseconds = 200, now = platformClock, engine } = options;
  if (layout !== undefined) return fixedLayout(stage, layout);
  if (goal === "size") return smallestLayout(stage);
  const measure = { batch, milliseconds: milliseconds / layers, now };
  return fastestLayout(stage, engine === undefined ? measure : { ...measure, engine });
}

// biome-ignore lint/plugin: times choose between layouts that give the same bits, so equal inputs still give equal results.
const platformClock = (): number => performance.now();

function reportOf(
  steps: readonly RunnableStep[],
  choices: ReadonlyMap<WeightedStage, LayoutChoice>,
  { engine }: CompileSparseOptions,
): SparseModelReport {
  const layers = [...choices].map(([{ op, name, matrix }, { layout, bytes, milliseconds }]): SparseLayerReport => {
    const { outputs, inputs } = matrix;
    const survivors = matrix.values.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
    const density = survivors / (outputs * inputs);
    const chosen = { name, op, outputs, inputs, survivors, density, layout: layout.name, bytes };
    return milliseconds === undefined ? chosen : { ...chosen, milliseconds };
  });
  const chain = steps.find((step) => step.kind === "chain");
  return {
    engine: chain?.chain.engine ?? engine ?? "wasm",
    layers,
    reference: steps.flatMap((step) =>
      step.kind === "reference"
        ? step.graph.nodes.map(({ op, outputs }) => ({ op, output: outputs[0] as string }))
        : [],
    ),
    bytes: layers.reduce((sum, { layout, bytes }) => sum + bytes[layout], 0),
    denseBytes: layers.reduce((sum, { bytes }) => sum + bytes.dense, 0),
  };
}
