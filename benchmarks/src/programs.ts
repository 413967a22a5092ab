import { type Backend, type Graph, type Tensor, random, simplify, tensor, trace } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import onnxProto from "onnx-proto";
import { trainingStep } from "./engines/ours.ts";
import { convNet, convNetLoss, initConvNet } from "./models/convNet.ts";
import { type LanguageModel, initLanguageModel, languageModelLoss } from "./models/languageModel.ts";
import { initLeNet, leNet, leNetLoss } from "./models/lenet.ts";
import { initMobileNet, mobileNet } from "./models/mobileNet.ts";
import { type TransformerLayer, initTransformer, transformer, transformerLoss } from "./models/transformer.ts";
import { type TrainingProblem, parameterCount } from "./problem.ts";
import { median } from "./statistics.ts";

/** What it takes to make a program ready, in milliseconds, and how large it is. */
export interface ProgramCost {
  readonly name: string;
  readonly parameters: number;
  /** Tracing the function; for a training step with its gradient and update. */
  readonly trace: number;
  readonly simplify: number;
  /** Graph to ONNX bytes. */
  readonly lower: number;
  /** Graph to ONNX bytes and a session. */
  readonly compile: number;
  /** trace + simplify + compile, the first time and as the median of three. */
  readonly totalFirst: number;
  readonly total: number;
  readonly tracedNodes: number;
  readonly nodes: number;
  readonly onnxNodes: number;
  readonly onnxBytes: number;
}

interface Source {
  readonly name: string;
  readonly parameters: number;
  readonly trace: () => Graph;
}

/** The name of the program that a goal is about. */
export const largeProgram = "12-layer transformer training step";

const key = random.key(1);
const zeros = (shape: readonly number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape });
const labels = (shape: readonly number[]): Tensor =>
  tensor(new Int32Array(shape.reduce((a, b) => a * b, 1)), { shape });

function training<Params>(
  name: string,
  params: Params,
  loss: TrainingProblem<Params>["loss"],
  x: Tensor,
  y: Tensor,
): Source {
  const { optimizer, step } = trainingStep({ loss, learningRate: 1e-3 });
  const state = optimizer.init(params);
  const run = (carry: Parameters<typeof step>[0], batch: readonly [Tensor, Tensor]): unknown => step(carry, batch);
  return {
    name,
    parameters: parameterCount(params),
    trace: () => trace(run as (...args: unknown[]) => unknown, [params, state], [x, y]),
  };
}

function forward<Params>(
  name: string,
  params: Params,
  apply: (params: Params, x: Tensor) => Tensor,
  x: Tensor,
): Source {
  return { name, parameters: parameterCount(params), trace: () => trace((input) => apply(params, input), x) };
}

/** The programs, the large one first: it meets functions that the JavaScript engine has not optimised yet. */
function* sources(): Generator<() => Source> {
  const [layers12, width, heads] = [12, 256, 8];
  const languageLoss = (params: LanguageModel, x: Tensor, y: Tensor): Tensor => languageModelLoss(params, x, y, heads);
  const blockLoss = (params: readonly TransformerLayer[], x: Tensor, y: Tensor): Tensor =>
    transformerLoss(params, x, y, heads);
  const blocks = (params: readonly TransformerLayer[], x: Tensor): Tensor => transformer(params, x, heads);
  const four = (): TransformerLayer[] => initTransformer(key, { layers: 4, width, heads });
  yield () =>
    training(
      largeProgram,
      initLanguageModel(key, { layers: layers12, width, heads, vocabulary: 1000 }),
      languageLoss,
      labels([8, 128]),
      labels([8, 128]),
    );
  yield () =>
    training("4-layer transformer training step", four(), blockLoss, zeros([8, 128, width]), zeros([8, 128, width]));
  yield () => forward("4-layer transformer forward", four(), blocks, zeros([8, 128, width]));
  yield () => training("LeNet training step", initLeNet(key), leNetLoss, zeros([60, 784]), labels([60]));
  yield () => forward("LeNet forward", initLeNet(key), leNet, zeros([60, 784]));
  yield () => training("conv net training step", initConvNet(key), convNetLoss, zeros([60, 1, 28, 28]), labels([60]));
  yield () => forward("conv net forward", initConvNet(key), convNet, zeros([60, 1, 28, 28]));
  yield () => forward("MobileNetV2 forward", initMobileNet(key), mobileNet, zeros([1, 3, 96, 96]));
}

/** Times to make each program ready on a backend. */
export async function programCosts(backend: Backend, repetitions: number): Promise<ProgramCost[]> {
  const costs: ProgramCost[] = [];
  for (const open of sources()) costs.push(await programCost(open(), backend, repetitions));
  return costs;
}

async function programCost(source: Source, backend: Backend, repetitions: number): Promise<ProgramCost> {
  const times = { trace: [] as number[], simplify: [] as number[], lower: [] as number[], compile: [] as number[] };
  let start = 0;
  const lap = (of: number[]): void => {
    const now = performance.now();
    of.push(now - start);
    start = now;
  };
  let [traced, graph, bytes]: [Graph?, Graph?, Uint8Array?] = [];
  for (let i = 0; i < repetitions; i++) {
    start = performance.now();
    traced = source.trace();
    lap(times.trace);
    graph = simplify(traced);
    lap(times.simplify);
    const executable = await backend.compile(graph);
    lap(times.compile);
    await executable.dispose();
    start = performance.now();
    bytes = writeOnnx(graph);
    lap(times.lower);
  }
  const totals = times.trace.map((time, i) => time + (times.simplify[i] as number) + (times.compile[i] as number));
  return {
    name: source.name,
    parameters: source.parameters,
    trace: median(times.trace),
    simplify: median(times.simplify),
    lower: median(times.lower),
    compile: median(times.compile),
    totalFirst: totals[0] as number,
    total: median(totals),
    tracedNodes: (traced as Graph).nodes.length,
    nodes: (graph as Graph).nodes.length,
    onnxNodes: onnxProto.onnx.ModelProto.decode(bytes as Uint8Array).graph?.node?.length ?? 0,
    onnxBytes: (bytes as Uint8Array).length,
  };
}
