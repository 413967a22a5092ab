import { scan } from "../../../../graph/scan.ts";
import { logicalAnd, reshape, reverse, transpose, where } from "../../../../ops/index.ts";
import { fromLanes } from "../../../../tensor/lanes.ts";
import { formatShape, normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";
import { type Value, isConstant, typeOfValue } from "../value.ts";

const yes = fromLanes("bool", [], [1]);

/** A value that a loop body is given or gives, as one that ops record. */
function recorded(context: NodeContext, value: Value, index: number): Tensor {
  return context.surroundings.tensor(value, `${context.node.output[0] ?? context.node.opType}/${index}`);
}

/**
 * A condition that is known picks a branch. Otherwise both branches are computed and the condition picks among the
 * results, which must agree in type: ops have no effects, so that the other branch does no harm.
 */
const branch: OperatorReader = (context) => {
  const { attributes, surroundings } = context;
  const condition = context.constant(0);
  if (condition !== undefined) {
    const holds = condition.size === 1 ? condition.dataSync()[0] !== 0 : invalid("expected a condition of one element");
    return surroundings.body(attributes.graph(holds ? "then_branch" : "else_branch"), []);
  }
  const then = surroundings.body(attributes.graph("then_branch"), []);
  const otherwise = surroundings.body(attributes.graph("else_branch"), []);
  const test = reshape(context.tensor(0), []);
  return then.map((value, i) => {
    const other = otherwise[i] ?? invalid("the branches give different numbers of outputs");
    const [a, b] = [typeOfValue(value), typeOfValue(other)];
    if (a.dtype !== b.dtype || formatShape(a.shape) !== formatShape(b.shape)) {
      const types = `${a.dtype} ${formatShape(a.shape)} and ${b.dtype} ${formatShape(b.shape)}`;
      return unsupported(`a condition that is known only at run time, with branches of different types (${types})`);
    }
    return where(test, recorded(context, value, i), recorded(context, other, i));
  });
};

/** Is a loop's condition true in every step, so that only the count ends it? */
function isTrue(value: Value | undefined): boolean {
  return value !== undefined && isConstant(value) && value.size === 1 && value.dataSync()[0] !== 0;
}

/**
 * A counted loop as a scan. Where the condition is computed, the loop runs its full count and keeps the state once the
 * condition fails; stacked results, whose number would then be unknown, are refused.
 */
const loop: OperatorReader = (context) => {
  const { surroundings } = context;
  const body = context.attributes.graph("body");
  const first = context.inputs[1];
  const never = first !== undefined && isConstant(first) && !isTrue(first);
  const count = never ? 0 : context.has(0) ? context.dims(0, "the number of steps")[0] : undefined;
  if (count === undefined || (typeof count === "number" && count > 2 ** 31)) {
    return unsupported("a loop without a number of steps that is known when the model is read");
  }
  const carried = context.inputs.slice(2).map((_, i) => context.tensor(2 + i));
  const results = body.output.length - 1 - carried.length;
  if (results < 0 || body.input.length !== carried.length + 2)
    return invalid("the body's inputs and outputs do not fit the loop's");
  const places = context.iota(context.live(typeof count === "number" ? Math.max(count, 0) : count), "int64");
  let counted = true;
  const always = first === undefined || never || isTrue(first);
  type Carry = readonly Tensor[];
  const run = (conditional: boolean): readonly [Carry, Carry] =>
    scan(
      (state: Carry, place: Tensor): readonly [Carry, Carry] => {
        const condition: Value = conditional ? (state[0] as Tensor) : yes;
        const before = conditional ? state.slice(1) : state;
        const outputs = surroundings.body(body, [place, condition, ...before]);
        const [next, ...rest] = outputs;
        counted &&= isTrue(next);
        const values = rest.map((value, i) => recorded(context, value, i));
        const after = values.slice(0, carried.length);
        if (!conditional) return [after, values.slice(carried.length)];
        const held = after.map((value, i) => where(condition as Tensor, value, before[i] as Tensor));
        const goesOn = logicalAnd(condition as Tensor, reshape(recorded(context, next as Value, 0), []));
        return [[goesOn, ...held], []];
      },
      conditional
        ? [first === undefined ? recorded(context, yes, 0) : reshape(context.tensor(1), []), ...carried]
        : carried,
      places,
    );
  if (always) {
    const [state, stacked] = run(false);
    if (counted || never) return [...state, ...stacked];
  }
  if (results > 0) return unsupported("a loop with a condition that is known only at run time, and stacked results");
  return run(true)[0].slice(1);
};

/** Which scanned inputs or stacked outputs go backwards, and along which axis they lie. */
function laidOut(
  context: NodeContext,
  kind: "input" | "output",
  count: number,
): { axes: readonly number[]; backwards: readonly boolean[] } {
  const zeros = new Array<number>(count).fill(0);
  const axes = context.attributes.ints(`scan_${kind}_axes`, zeros);
  const directions = context.attributes.ints(`scan_${kind}_directions`, zeros);
  if (axes.length !== count || directions.length !== count)
    return invalid(`expected ${count} axes and directions for scanned ${kind}s`);
  return { axes, backwards: directions.map((direction) => direction !== 0) };
}

/** Moves an axis to the front, or the first axis to a place. */
function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return order.every((axis, i) => axis === i) ? x : transpose(x, order);
}

const scanReader: OperatorReader = (context) => {
  const { attributes, surroundings } = context;
  if (context.opset < 9) return unsupported("as of opset 8, with a batch axis of its own");
  const body = attributes.graph("body");
  const scanned = attributes.int("num_scan_inputs");
  const states = context.inputCount - scanned;
  const results = body.output.length - states;
  if (scanned < 1 || states < 0 || results < 0) return invalid(`${scanned} scanned inputs of ${context.inputCount}`);
  const ins = laidOut(context, "input", scanned);
  const outs = laidOut(context, "output", results);
  // All backwards is one loop that walks backwards; a mixture is slices turned round before and after.
  const reversed = [...ins.backwards, ...outs.backwards].every((backwards) => backwards);
  const xs = Array.from({ length: scanned }, (_, i) => {
    const x = context.tensor(states + i);
    const front = moveAxis(x, normalizeAxis("Scan", ins.axes[i] as number, x.rank), 0);
    return ins.backwards[i] === true && !reversed ? reverse(front, [0]) : front;
  });
  const initial = Array.from({ length: states }, (_, i) => context.tensor(i));
  const [state, stacked] = scan(
    (before: readonly Tensor[], slices: readonly Tensor[]): readonly [readonly Tensor[], readonly Tensor[]] => {
      const values = surroundings.body(body, [...before, ...slices]).map((value, i) => recorded(context, value, i));
      return [values.slice(0, states), values.slice(states)];
    },
    initial as readonly Tensor[],
    xs as readonly Tensor[],
    { reverse: reversed },
  );
  const laid = stacked.map((value, i) => {
    const ordered = outs.backwards[i] === true && !reversed ? reverse(value, [0]) : value;
    return moveAxis(ordered, 0, normalizeAxis("Scan", outs.axes[i] as number, value.rank));
  });
  return [...state, ...laid];
};

/** Operators that hold graphs. */
export const control: OperatorTable = { If: branch, Loop: loop, Scan: scanReader };
