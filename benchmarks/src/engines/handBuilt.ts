import { type HostTensor, random } from "@parsimony/core-tensor";
import * as ort from "onnxruntime-node";
import { type Contender, timed } from "../contender.ts";
import { carriedValues, leNetStep, leNetSteps } from "../handBuilt/lenet.ts";
import type { LeNet } from "../models/lenet.ts";
import { type TrainingProblem, namedLeaves, stackBatches } from "../problem.ts";
import { OnnxGraph } from "./onnxGraph.ts";

export interface SessionOptions {
  readonly threads: number;
}

/** A session with the options that our own backend uses. */
export function openSession(bytes: Uint8Array, { threads }: SessionOptions): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
  });
}

const feed = (value: HostTensor): ort.Tensor =>
  new ort.Tensor(value.dtype as "float32", value.dataSync() as Float32Array, value.shape);

/** A forward pass in a session of one's own. */
export async function handBuiltForward(bytes: Uint8Array, x: HostTensor, options: SessionOptions): Promise<Contender> {
  const session = await openSession(bytes, options);
  const feeds = { x: feed(x) };
  const run = async (): Promise<Float32Array> => (await session.run(feeds))["output"]?.data as Float32Array;
  return {
    name: "hand-built session",
    stepsPerCall: 1,
    evidence: async () => ({ losses: [], values: { output: await run() } }),
    time: (calls) => timed(calls, async () => void (await run())),
    dispose: () => session.release(),
  };
}

/** LeNet's training loop in a session of one's own, the carried values handed from call to call. */
export async function handBuiltLeNet(
  problem: TrainingProblem<LeNet>,
  inside: "single" | "scan",
  options: SessionOptions,
): Promise<Contender> {
  const { batches, learningRate } = problem;
  const params = namedLeaves(problem.params);
  const batch = batches[0]?.x.shape[0] as number;
  const bytes =
    inside === "scan"
      ? leNetSteps(params, batch, learningRate, batches.length)
      : leNetStep(params, batch, learningRate);
  const session = await openSession(bytes, options);
  const inputs = (inside === "scan" ? [stackBatches(batches)] : batches).map(({ x, y }) => ({
    x: feed(x),
    labels: feed(y),
  }));
  const carried = carriedValues(params);
  const start = (): Record<string, ort.Tensor> =>
    Object.fromEntries(
      carried.map(({ name, shape }, i) => {
        const isParam = i % 3 === 0 && name !== "count";
        const value = isParam ? (params[i / 3] as (typeof params)[number]).value : undefined;
        return [
          name,
          value === undefined
            ? new ort.Tensor("float32", new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)
            : feed(value),
        ];
      }),
    );
  let state = start();
  let calls = 0;
  const train = async (): Promise<Float32Array> => {
    const results = await session.run({ ...state, ...(inputs[calls++ % inputs.length] as Record<string, ort.Tensor>) });
    state = Object.fromEntries(carried.map(({ name }) => [name, results[`next.${name}`] as ort.Tensor]));
    return results["loss"]?.data as Float32Array;
  };
  return {
    name: `hand-built session${inside === "scan" ? ", scan" : ""}`,
    stepsPerCall: inside === "scan" ? batches.length : 1,
    async evidence(count) {
      [state, calls] = [start(), 0];
      const losses: number[] = [];
      for (let i = 0; i < count; i++) losses.push(...(await train()));
      return {
        losses,
        values: Object.fromEntries(params.map(({ name }) => [name, state[`param.${name}`]?.data as Float32Array])),
      };
    },
    time: (count) => timed(count, async () => void (await train())),
    dispose: () => session.release(),
  };
}

/** Floating point operations per second of a matrix product in onnxruntime: the best of some calls. */
export async function peakFlops(options: SessionOptions, size = 1024): Promise<number> {
  const g = new OnnxGraph();
  const a = g.input("a", "float32", [size, size]);
  const [keyA, keyB] = random.split(random.key(3)) as [random.Key, random.Key];
  g.output(g.op("MatMul", [a, g.weight(random.normal(keyB, [size, size]))]), "float32", [size, size], "output");
  const session = await openSession(g.bytes("peak"), options);
  const feeds = { a: feed(random.normal(keyA, [size, size])) };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) best = Math.min(best, await timed(1, async () => void (await session.run(feeds))));
  await session.release();
  return (2 * size ** 3) / (best / 1000);
}
