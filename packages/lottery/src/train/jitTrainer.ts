import {
  type Backend,
  type HostTensor,
  type Tensor,
  cast,
  jit,
  mapTree,
  mul,
  random,
  scan,
  toHost,
  toHostTree,
  valueAndGrad,
  fingerprintGraph,
  fingerprintTree,
} from "@parsimony/core-tensor";
import { type Optimizer, type State, applyUpdates } from "@parsimony/core-tensor/optim";
import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Named, namedTensors, unnameTensors } from "../base/parameters.ts";
import { type Mask, checkMask } from "../mask/mask.ts";
import { type Examples, dataOrder, examplesOf } from "./batches.ts";
import type { Objective } from "./classification.ts";
import { maskState } from "./maskedState.ts";
import type { DataPart, Json, Metrics, TrainState, Trainer } from "./trainer.ts";

export interface JitTrainerOptions<P, B> {
  /** Draws fresh parameters: a tree of float tensors. */
  readonly init: (key: random.Key) => P;
  /** What is minimised and what is reported, for example `classification(logits)`. */
  readonly objective: Objective<P, B>;
  /** For example `adam(1.2e-3)` of `@parsimony/core-tensor/optim`; its schedule counts the steps. */
  readonly optimizer: Optimizer;
  /** Trees of host tensors, one row per example; a batch has the same nesting. */
  readonly data: Readonly<Record<DataPart, B>>;
  /** Steps of the whole schedule. */
  readonly steps: number;
  /** Examples of a step. Default 60, as in the lottery ticket paper. */
  readonly batch?: number;
  /** Examples that go through the net in one call when it is evaluated. Default 1000. */
  readonly evaluationBatch?: number;
  /** Where it computes. Default: a new `onnxruntime()`, freed by `dispose`. */
  readonly backend?: Backend;
}

/** A trainer that holds compiled programs. */
export interface JitTrainer extends Trainer {
  /** Frees the programs, and the backend if none was handed in. */
  dispose(): Promise<void>;
}

/** Steps that run inside the engine in one call: more would only make the copied data larger. */
const stepsPerCall = 100;

type Carry<P> = readonly [params: P, state: readonly State[]];
type MaskFactors = Readonly<Record<string, Tensor>>;

/**
 * A trainer whose steps (forward, backward, mask, update) are one compiled program with the loop over batches inside.
 *
 * Gradients are masked before the optimiser sees them, so before any clipping of norms. An optimiser that then leaves zeros alone
 * (all of core-tensor's do) keeps masked weights at exactly +0 without more ado. That is looked at after every call; one that
 * does not runs again with its updates masked too.
 *
 * On one backend and machine the same seeds give the same bits. Other engines, versions and processors add in another order.
 *
 * @throws LotteryError E_PARAMETERS for data that are no lists of examples, E_OPTION for a batch larger than the training data;
 *   `evaluate` E_TRAINER for a metric that is not one number for each example.
 */
export async function jitTrainer<P, B>(options: JitTrainerOptions<P, B>): Promise<JitTrainer> {
  const { init, objective, optimizer, data, steps, batch = 60, evaluationBatch = 1000 } = options;
  checkWhole("jitTrainer", "steps", steps, 1);
  checkWhole("jitTrainer", "batch", batch, 1);
  checkWhole("jitTrainer", "evaluationBatch", evaluationBatch, 1);
  const parts: Readonly<Record<DataPart, Examples>> = {
    train: examplesOf("jitTrainer: data.train", data.train),
    validation: examplesOf("jitTrainer: data.validation", data.validation),
    test: examplesOf("jitTrainer: data.test", data.test),
  };
  if (batch > parts.train.count) {
    const message = `jitTrainer: a batch of ${batch} is more than the ${parts.train.count} training examples`;
    throw new LotteryError("E_OPTION", message);
  }
  const draw = async (seed: number): Promise<P> => (await toHostTree(init(random.key(seed)))) as P;
  const example = await draw(0);
  const exampleState = optimizer.init(example) as readonly State[];
  const placesOf = dataOrder(parts.train.count, batch);

  const masking =
    (factors: MaskFactors) =>
    <T>(tree: T): T =>
      mapTree((leaf, path) => {
        const factor = factors[path];
        return factor === undefined ? leaf : mul(leaf, factor);
      }, tree) as T;
  const lossAndGradient = valueAndGrad((params: P, batch: B): Tensor => objective.loss(params, batch)) as (
    params: P,
    batch: B,
  ) => [loss: Tensor, gradient: P];
  const trainSteps = (start: Carry<P>, factors: MaskFactors, batches: B, maskUpdates: boolean): [Carry<P>, Tensor] => {
    const masked = masking(factors);
    return scan(
      ([params, state]: Carry<P>, batch: B): [Carry<P>, Tensor] => {
        const [loss, gradient] = lossAndGradient(params, batch);
        const [updates, next] = optimizer.update(masked(gradient), state, params);
        return [[applyUpdates(params, maskUpdates ? masked(updates) : updates), next], loss];
      },
      start,
      batches,
    );
  };

  const backend = options.backend ?? (await defaultBackend());
  const run = jit(trainSteps, { backend });
  const measure = jit((params: P, examples: B) => objective.metrics(params, examples), {
    backend,
    dynamicAxes: [undefined, { 0: "batch" }],
  });

  const firstBatch = parts.train.gather(new Int32Array(batch), [1, batch]) as B;
  const description: Json = {
    kind: "jitTrainer",
    engine: `${backend.name} (${backend.device})`,
    step: fingerprintGraph(run.graph([example, exampleState], {}, firstBatch, false)),
    metrics: fingerprintGraph(measure.graph(example, parts.train.slice(0, 1) as B)),
    init: fingerprintTree(example),
    data: {
      train: fingerprintTree(data.train),
      validation: fingerprintTree(data.validation),
      test: fingerprintTree(data.test),
    },
    batch,
    steps,
  };

  const runSteps = async (
    { params, optimizer: moments }: TrainState,
    toStep: number,
    factors: MaskFactors,
    batches: B,
    maskUpdates: boolean,
  ): Promise<TrainState> => {
    const start: Carry<P> = [
      unnameTensors("advance", example, params),
      unnameTensors("advance", exampleState, moments),
    ];
    const [after, losses] = (await run(start, factors, batches, maskUpdates)) as [Carry<P>, Tensor];
    losses.dispose();
    const [trained, state] = (await toHostTree(after)) as Carry<P>;
    return { step: toStep, params: namedTensors("advance", trained), optimizer: namedTensors("advance", state) };
  };

  // What is known of masks and of states that come back: a look at every weight is a percent of the time of a call.
  const knownFactors = new WeakMap<Mask, MaskFactors>();
  const cleanUnder = new WeakMap<TrainState, Mask>();
  // Both programs give the same bits where the first is enough, so what ran before decides about nothing but time.
  let masksUpdates = false;
  const advance = async (
    start: TrainState,
    mask: Mask,
    toStep: number,
    dataSeed: number,
    signal?: AbortSignal,
  ): Promise<TrainState> => {
    checkWhole("advance", "toStep", toStep, start.step);
    checkMask("advance", mask, start.params);
    const factors = knownFactors.get(mask) ?? factorsOf(example, mask);
    knownFactors.set(mask, factors);
    let state = cleanUnder.get(start) === mask ? start : maskState(start, mask);
    while (state.step < toStep) {
      signal?.throwIfAborted();
      // Calls end on multiples, so that a run that was interrupted uses the same programs as one that was not.
      const next = Math.min(toStep, (Math.floor(state.step / stepsPerCall) + 1) * stepsPerCall);
      const places = placesOf(dataSeed, state.step, next);
      const batches = parts.train.gather(places, [next - state.step, batch]) as B;
      let after = await runSteps(state, next, factors, batches, masksUpdates);
      let clean = maskState(after, mask);
      if (clean !== after && !masksUpdates) {
        masksUpdates = true;
        after = await runSteps(state, next, factors, batches, true);
        // Moments that the optimiser makes of nothing are all that can be left.
        clean = maskState(after, mask);
      }
      state = clean;
      cleanUnder.set(state, mask);
    }
    return state;
  };

  const evaluate = async (params: Named, part: DataPart, signal?: AbortSignal): Promise<Metrics> => {
    const examples = parts[part];
    const tree = unnameTensors("evaluate", example, params);
    const sums: Record<string, number> = {};
    for (let from = 0; from < examples.count; from += evaluationBatch) {
      signal?.throwIfAborted();
      const rows = examples.slice(from, Math.min(examples.count, from + evaluationBatch)) as B;
      const values: Readonly<Record<string, Tensor>> = await measure(tree, rows);
      for (const [name, value] of Object.entries(values)) {
        checkMetric(name, value, Math.min(examples.count - from, evaluationBatch));
        const each = (await toHost(value)).dataSync() as Float32Array;
        sums[name] = each.reduce((sum, x) => sum + x, sums[name] ?? 0);
        value.dispose();
      }
    }
    const means = Object.entries(sums).map(([name, sum]) => [name, sum / examples.count] as const);
    return Object.fromEntries(means) as unknown as Metrics;
  };

  return {
    description,
    steps,
    init: async (seed) => namedTensors("init", await draw(seed)),
    begin: (params) => {
      const tree = unnameTensors("begin", example, params);
      return { step: 0, params: namedTensors("begin", tree), optimizer: namedTensors("begin", optimizer.init(tree)) };
    },
    advance,
    evaluate,
    async dispose() {
      await run.dispose();
      await measure.dispose();
      if (options.backend === undefined) await backend.dispose();
    },
  };
}

// A mean over the batch would be summed up as if it were one example.
function checkMetric(name: string, { shape }: Tensor, rows: number): void {
  if (shape.join() === String(rows)) return;
  const message = `jitTrainer: the metric ${name} must have the shape [${rows}], one number for each example, got [${shape}]`;
  throw new LotteryError("E_TRAINER", message);
}

/** 1 for kept and 0 for masked, in the parameter's dtype, for every entry of the mask. */
function factorsOf<P>(params: P, mask: Mask): Record<string, HostTensor> {
  const named = namedTensors("factorsOf", params);
  return Object.fromEntries(
    Object.entries(mask).map(([name, entry]) => [name, cast(entry, (named[name] as HostTensor).dtype) as HostTensor]),
  );
}

async function defaultBackend(): Promise<Backend> {
  const { onnxruntime } = await import("@parsimony/core-tensor/onnxruntime");
  return onnxruntime();
}
