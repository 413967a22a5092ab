import { scan } from "../../../../graph/scan.ts";
import {
  add,
  cast,
  clip,
  elu,
  expandDims,
  less,
  matmul,
  mul,
  relu,
  reshape,
  sigmoid,
  softplus,
  split,
  stack,
  sub,
  swapAxes,
  tanh,
  transpose,
  where,
  zeros,
} from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";
import { hardSigmoid, leakyRelu, softsign, thresholdedRelu } from "./activation.ts";

type Activation = (x: Tensor) => Tensor;

/** The activation functions that the standard names, with the defaults of their parameters. */
const functions: Readonly<
  Record<
    string,
    { readonly alpha?: number; readonly beta?: number; readonly make: (alpha: number, beta: number) => Activation }
  >
> = {
  relu: { make: () => relu },
  tanh: { make: () => tanh },
  sigmoid: { make: () => sigmoid },
  softsign: { make: () => softsign },
  softplus: { make: () => softplus },
  affine: { alpha: 1, beta: 0, make: (alpha, beta) => (x) => add(mul(x, alpha), beta) },
  leakyrelu: { alpha: 0.01, make: (alpha) => (x) => leakyRelu(x, alpha) },
  thresholdedrelu: { alpha: 1, make: (alpha) => (x) => thresholdedRelu(x, alpha) },
  scaledtanh: { alpha: 1, beta: 1, make: (alpha, beta) => (x) => mul(tanh(mul(x, beta)), alpha) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, make: (alpha, beta) => (x) => hardSigmoid(x, alpha, beta) },
  elu: { alpha: 1, make: (alpha) => (x) => elu(x, alpha) },
};

/** All activations of all directions; each takes its parameters from the lists, in order, if it has any. */
function activationsOf(context: NodeContext, defaults: readonly string[], directions: number): Activation[][] {
  const { attributes } = context;
  const names = attributes.texts("activations", new Array(directions).fill(defaults).flat() as string[]);
  if (names.length !== defaults.length * directions) {
    return invalid(`expected ${defaults.length * directions} activations, got ${names.length}`);
  }
  const alphas = [...attributes.floats("activation_alpha", [])];
  const betas = [...attributes.floats("activation_beta", [])];
  const limit = attributes.float("clip", 0);
  const made = names.map((name): Activation => {
    const entry = functions[name.toLowerCase()] ?? unsupported(`the activation "${name}"`);
    const alpha = entry.alpha === undefined ? 0 : (alphas.shift() ?? entry.alpha);
    const beta = entry.beta === undefined ? 0 : (betas.shift() ?? entry.beta);
    const fn = entry.make(alpha, beta);
    return limit > 0 ? (x) => fn(clip(x, -limit, limit)) : fn;
  });
  return Array.from({ length: directions }, (_, d) => made.slice(d * defaults.length, (d + 1) * defaults.length));
}

/** What one direction of a layer computes with; matrices are transposed to stand on the right. */
interface Direction {
  /** [hidden, gates * hidden] */
  readonly recurrence: Tensor;
  /** [gates * hidden] added in every step to what comes from the state. */
  readonly recurrenceBias: Tensor | undefined;
  readonly peephole: Tensor | undefined;
  readonly activations: readonly Activation[];
}

/** A cell: the share of the input in every gate and the states before, to the states after; the first one is the output. */
type Cell = (direction: Direction, gates: Tensor, states: readonly Tensor[]) => readonly Tensor[];

interface CellKind {
  readonly states: number;
  readonly activations: readonly string[];
  readonly cell: (context: NodeContext) => Cell;
}

const rnn: CellKind = {
  states: 1,
  activations: ["Tanh"],
  cell:
    () =>
    (direction, input, [h]) => [
      (direction.activations[0] as Activation)(add(input, fromState(direction, h as Tensor))),
    ],
};

function fromState({ recurrence, recurrenceBias }: Direction, h: Tensor): Tensor {
  const product = matmul(h, recurrence);
  return recurrenceBias === undefined ? product : add(product, recurrenceBias);
}

/** Cho et al. 2014; gates in the order update, reset, hidden. */
const gru: CellKind = {
  states: 1,
  activations: ["Sigmoid", "Tanh"],
  cell: (context) => {
    const resetAfter = context.attributes.flag("linear_before_reset", false);
    return (direction, input, states) => {
      const h = states[0] as Tensor;
      const [f, g] = direction.activations as readonly [Activation, Activation];
      const [xz, xr, xh] = split(input, 3, -1) as [Tensor, Tensor, Tensor];
      const [rz, rr, rh] = split(direction.recurrence, 3, -1) as [Tensor, Tensor, Tensor];
      const biases = direction.recurrenceBias === undefined ? [] : split(direction.recurrenceBias, 3, -1);
      const part = (state: Tensor, matrix: Tensor, gate: number): Tensor => {
        const bias = biases[gate];
        return bias === undefined ? matmul(state, matrix) : add(matmul(state, matrix), bias);
      };
      const z = f(add(xz, part(h, rz, 0)));
      const r = f(add(xr, part(h, rr, 1)));
      const candidate = g(add(xh, resetAfter ? mul(r, part(h, rh, 2)) : part(mul(r, h), rh, 2)));
      return [add(mul(sub(1, z), candidate), mul(z, h))];
    };
  },
};

/** Hochreiter and Schmidhuber 1997, with optional peepholes; gates in the order input, output, forget, cell. */
const lstm: CellKind = {
  states: 2,
  activations: ["Sigmoid", "Tanh", "Tanh"],
  cell: (context) => {
    const coupled = context.attributes.flag("input_forget", false);
    return (direction, input, [h, c]) => {
      const [f, g, out] = direction.activations as readonly [Activation, Activation, Activation];
      const [i, o, forget, cell] = split(add(input, fromState(direction, h as Tensor)), 4, -1) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      const [pi, po, pf] = direction.peephole === undefined ? [] : split(direction.peephole, 3, -1);
      const peep = (gate: Tensor, weight: Tensor | undefined, state: Tensor): Tensor =>
        weight === undefined ? gate : add(gate, mul(weight, state));
      const enter = f(peep(i, pi, c as Tensor));
      const keep = coupled ? sub(1, enter) : f(peep(forget, pf, c as Tensor));
      const next = add(mul(keep, c as Tensor), mul(enter, g(cell)));
      return [mul(f(peep(o, po, next)), out(next)), next];
    };
  },
};

/** Position of the direction's part in a tensor whose first axis counts directions. */
function partOf(x: Tensor, direction: number, directions: number): Tensor {
  const part = directions === 1 ? x : (split(x, directions, 0)[direction] as Tensor);
  return reshape(part, x.shape.slice(1));
}

/** RNN, GRU and LSTM: one scan for each direction; the share of the inputs in the gates is one product over all steps. */
const layer =
  ({ states, activations, cell }: CellKind): OperatorReader =>
  (context) => {
    const { attributes } = context;
    const batchFirst = attributes.int("layout", 0) === 1;
    const swap = (x: Tensor | undefined): Tensor | undefined =>
      x === undefined || !batchFirst ? x : swapAxes(x, 0, 1);
    const x = swap(context.tensor(0)) as Tensor;
    const [w, r, b] = [context.tensor(1), context.tensor(2), context.optional(3)];
    if (x.rank !== 3 || w.rank !== 3 || r.rank !== 3) return invalid("expected inputs X, W and R of three axes");
    const hidden = plainDim(r.shape[2]);
    const directionCount = plainDim(w.shape[0]);
    if (typeof hidden !== "number" || typeof directionCount !== "number") return unsupported("weights of unknown size");
    const name = attributes.text("direction", "forward");
    const reversed = { forward: [false], reverse: [true], bidirectional: [false, true] }[name];
    if (reversed === undefined || reversed.length !== directionCount)
      return invalid(`direction="${name}" with weights for ${directionCount}`);
    const functionsOf = activationsOf(context, activations, directionCount);
    const [steps, batch] = x.shape as readonly [number, number];
    const lengths = context.optional(4);
    const step = cell(context);
    const initial = Array.from({ length: states }, (_, i) => swap(context.optional(5 + i)));
    const runs = reversed.map((reverse, d) => {
      const part = (value: Tensor): Tensor => partOf(value, d, directionCount);
      const [inputBias, recurrenceBias] = b === undefined ? [] : split(part(b), 2, 0);
      const peephole = states === 2 ? context.optional(7) : undefined;
      const direction: Direction = {
        recurrence: transpose(part(r)),
        recurrenceBias,
        peephole: peephole === undefined ? undefined : part(peephole),
        activations: functionsOf[d] as Activation[],
      };
      const product = matmul(x, transpose(part(w)));
      const input = inputBias === undefined ? product : add(product, inputBias);
      const start = initial.map((value) =>
        value === undefined ? zeros([batch, hidden], { dtype: x.dtype }) : part(value),
      );
      const places = lengths === undefined ? [] : [context.iota(steps, "int32")];
      return scan(
        (before: readonly Tensor[], [gate, place]: readonly Tensor[]): readonly [readonly Tensor[], Tensor] => {
          const after = step(direction, gate as Tensor, before);
          if (place === undefined || lengths === undefined) return [after, after[0] as Tensor];
          // Steps beyond the end of a sequence leave its state alone and give 0.
          const alive = expandDims(less(place, cast(lengths, "int32")), 1);
          const held = after.map((value, i) => where(alive, value, before[i] as Tensor));
          return [held, where(alive, after[0] as Tensor, 0)];
        },
        start as readonly Tensor[],
        [input, ...places] as readonly Tensor[],
        { reverse },
      );
    });
    const y = stack(
      runs.map(([, outputs]) => outputs),
      1,
    );
    const finals = Array.from({ length: states }, (_, i) =>
      stack(
        runs.map(([carry]) => carry[i] as Tensor),
        0,
      ),
    );
    const sequence = batchFirst ? transpose(y, [2, 0, 1, 3]) : y;
    return [sequence, ...finals.map((value) => swap(value) as Tensor)];
  };

/** Recurrent layers. */
export const recurrent: OperatorTable = { RNN: layer(rnn), GRU: layer(gru), LSTM: layer(lstm) };
