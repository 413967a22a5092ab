import {
  type Backend,
  type JitFunction,
  type Tensor,
  disposeTree,
  jit,
  scan,
  toHostTree,
  valueAndGrad,
} from "@parsimony/core-tensor";
import { type State, adam, applyUpdates } from "@parsimony/core-tensor/optim";
import { type Contender, type Evidence, timed } from "../contender.ts";
import { type Batch, type ForwardProblem, type TrainingProblem, namedLeaves, stackBatches } from "../problem.ts";

/** An engine of ours under the name of its contender, and how to make it the active one where engines share a process. */
export interface Engine {
  readonly name: string;
  readonly backend: Backend;
  activate?(): Promise<void>;
}

type Carry<Params> = readonly [params: Params, state: readonly State[]];
type Pair = readonly [x: Tensor, y: Tensor];

/** One step of Adam: forward, backward, update. */
export function trainingStep<Params>({ loss, learningRate }: Pick<TrainingProblem<Params>, "loss" | "learningRate">) {
  const optimizer = adam(learningRate);
  const step = ([params, state]: Carry<Params>, [x, y]: Pair): [Carry<Params>, Tensor] => {
    const [value, gradient] = valueAndGrad(loss)(params, x, y);
    const [updates, next] = optimizer.update(gradient as Params, state, params);
    return [[applyUpdates(params, updates), next], value];
  };
  return { optimizer, step };
}

/** A training loop through `jit`: one step per call, or all batches in one call through `scan`. */
export async function trainingContender<Params>(
  engine: Engine,
  problem: TrainingProblem<Params>,
  inside: "single" | "scan",
): Promise<Contender> {
  const { optimizer, step } = trainingStep(problem);
  const single = jit(
    function trainStep(carry: Carry<Params>, batch: Pair) {
      return step(carry, batch);
    },
    { backend: engine.backend },
  );
  const whole = jit(
    function trainSteps(carry: Carry<Params>, batches: Pair) {
      return scan(step, carry, batches);
    },
    { backend: engine.backend },
  );
  const run: JitFunction<[Carry<Params>, Pair], [Carry<Params>, Tensor]> = inside === "scan" ? whole : single;
  await engine.activate?.();
  const put = async ({ x, y }: Batch): Promise<Pair> => [await engine.backend.put(x), await engine.backend.put(y)];
  const inputs =
    inside === "scan" ? [await put(stackBatches(problem.batches))] : await Promise.all(problem.batches.map(put));

  const initial: Carry<Params> = [problem.params, optimizer.init(problem.params)];
  let carry = initial;
  let calls = 0;
  const call = async (): Promise<Tensor> => {
    const previous = carry;
    const [next, losses] = await run(previous, inputs[calls % inputs.length] as Pair);
    carry = next as Carry<Params>;
    calls++;
    if (previous !== initial) disposeTree(previous);
    return losses;
  };
  const train = async (): Promise<void> => {
    const losses = await call();
    // A training loop looks at its loss; on engines that compute later this also waits for them.
    await losses.data();
    losses.dispose();
  };
  return {
    name: `${engine.name}${inside === "scan" ? ", scan" : ""}`,
    stepsPerCall: inside === "scan" ? problem.batches.length : 1,
    async evidence(count): Promise<Evidence> {
      await engine.activate?.();
      if (carry !== initial) disposeTree(carry);
      [carry, calls] = [initial, 0];
      const losses: number[] = [];
      for (let i = 0; i < count; i++) {
        const loss = await call();
        losses.push(...((await loss.data()) as Float32Array));
        loss.dispose();
      }
      const params = await toHostTree(carry[0]);
      return {
        losses,
        values: Object.fromEntries(
          namedLeaves(params).map(({ name, value }) => [name, value.dataSync() as Float32Array]),
        ),
      };
    },
    async time(count) {
      await engine.activate?.();
      return timed(count, train);
    },
    async dispose() {
      await engine.activate?.();
      if (carry !== initial) disposeTree(carry);
      for (const pair of inputs) disposeTree(pair);
      await run.dispose();
    },
  };
}

/** A forward pass through `jit`. */
export async function forwardContender<Params>(
  engine: Engine,
  { params, apply, x }: ForwardProblem<Params>,
): Promise<Contender> {
  const run = jit(
    function forward(input: Tensor) {
      return apply(params, input);
    },
    { backend: engine.backend },
  );
  await engine.activate?.();
  const input = await engine.backend.put(x);
  return {
    name: engine.name,
    stepsPerCall: 1,
    async evidence() {
      await engine.activate?.();
      const output = await run(input);
      const data = (await output.data()) as Float32Array;
      output.dispose();
      return { losses: [], values: { output: data } };
    },
    async time(count) {
      await engine.activate?.();
      return timed(count, async () => {
        const output = await run(input);
        await output.data();
        output.dispose();
      });
    },
    async dispose() {
      await engine.activate?.();
      input.dispose();
      await run.dispose();
    },
  };
}
