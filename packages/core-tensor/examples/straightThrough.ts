// Weights of two bits, trained: rounding has derivative 0, so it gets another one ("straight through", Bengio et al. 2013).
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/straightThrough.ts
import {
  type Tensor,
  clip,
  customVjp,
  dequantize,
  div,
  jit,
  mapTree,
  matmul,
  mean,
  mul,
  quantize,
  random,
  round,
  scan,
  squaredError,
  sub,
  tanh,
  valueAndGrad,
} from "@parsimony/core-tensor";
import { reference } from "@parsimony/core-tensor/reference";
import { type State, adam, applyUpdates } from "@parsimony/core-tensor/optim";

const step = 0.5;

/** x as -2, -1, 0 or 1 steps. While training the codes stay floats; int2 below stores the same values. */
const rounded = (x: Tensor): Tensor => mul(clip(round(div(x, step)), -2, 1), step);

/** The same values, but changes of x come through as if nothing had been rounded. */
const straightThrough = customVjp(rounded, {
  forward: (x) => [rounded(x), []],
  backward: (_, cotangent) => [cotangent],
});

type Weights = readonly [Tensor, Tensor];
const network = ([w1, w2]: Weights, x: Tensor): Tensor => matmul(tanh(matmul(x, w1)), w2);
const quantised = (weights: Weights): Weights => [straightThrough(weights[0]), straightThrough(weights[1])];

// A task: imitate a network with weights of any size.
const key = random.key(4);
const draw = (stream: number, shape: number[], std = 1): Tensor =>
  random.normal(random.foldIn(key, stream), shape, { std });
const teacher: Weights = [draw(1, [8, 32], 0.6), draw(2, [32, 1], 0.6)];
const xs = draw(3, [300, 32, 8]);
const ys = network(teacher, xs);

/** Weights after 300 steps of Adam on `network(prepare(weights))`. */
async function train(prepare: (weights: Weights) => Weights): Promise<Weights> {
  const loss = (weights: Weights, x: Tensor, y: Tensor): Tensor => squaredError(network(prepare(weights), x), y);
  const optimizer = adam(0.02);
  const start: Weights = [draw(4, [8, 32], 0.5), draw(5, [32, 1], 0.5)];
  const run = jit(
    (weights: Weights, initial: readonly State[]) =>
      scan(
        ([now, state]: readonly [Weights, readonly State[]], [x, y]: Weights) => {
          const [, gradient] = valueAndGrad(loss)(now, x, y);
          const [updates, next] = optimizer.update(gradient, state, now);
          return [[applyUpdates(now, updates), next] as const, []];
        },
        [weights, initial] as const,
        [xs, ys] as const,
      ),
    { backend: reference() },
  );
  const [[weights]] = await run(start, optimizer.init(start));
  return weights;
}

const test = draw(6, [1000, 8]);
const spread = mean(mul(network(teacher, test), network(teacher, test))).item();
const error = (weights: Weights): string => {
  // Two bits for each weight, from here on: what would be stored and shipped.
  const codes: Weights = mapTree((w: Tensor) => quantize(w, step, 0, { dtype: "int2" }), weights);
  const restored: Weights = mapTree((code: Tensor) => dequantize(code, step), codes);
  const difference = sub(network(restored, test), network(teacher, test));
  return ((100 * mean(mul(difference, difference)).item()) / spread).toFixed(1);
};
console.log(`trained, then rounded to int2: ${error(await train((weights) => weights))} % of the variance is wrong`);
console.log(`trained through the rounding: ${error(await train(quantised))} % of the variance is wrong`);
