import { customVjp } from "../../graph/customVjp.ts";
import { scan } from "../../graph/scan.ts";
import { spec } from "../../graph/spec.ts";
import { trace } from "../../graph/trace.ts";
import { add, maximum, mul, sub, tanh } from "../../ops/index.ts";
import type { Graph, GraphNode } from "../../ops/program.ts";
import type { CustomVjpAttributes, ScanAttributes } from "../../ops/vocabulary.ts";
import { isFloat } from "../../tensor/dtype.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Bounds, type Fact, exact, isExact, magnitude, rough, union } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { Inapplicable, type ProgramWriter, isOf } from "./writer.ts";

type Step = (carry: Tensor, x: Tensor) => Tensor;

/** The attributes of the only node of a traced function. */
function attributesOf<A>(graph: Graph): A {
  return (graph.nodes[0] as GraphNode).attributes as unknown as A;
}

interface Loop {
  readonly step: Step;
  bounds(x: Fact, steps: number): Bounds;
}

/** Steps that do not enlarge errors beyond their sum. The carry starts at 0. */
const loops: readonly Loop[] = [
  {
    step: (carry, x) => add(mul(carry, 0.5), x),
    // carry / 2 + x stays below 2 |x|, and so does its error with one rounding per operation.
    bounds: (x) => rough(x.dtype, -2 * magnitude(x), 2 * magnitude(x), 2 * x.error, 8),
  },
  {
    step: (carry, x) => tanh(sub(x, mul(carry, 0.25))),
    bounds: (x) => rough(x.dtype, -1, 1, (4 / 3) * x.error, 24 * 2, magnitude(x)),
  },
  { step: (carry, x) => maximum(carry, x), bounds: (x) => union(x, exact(0, 0, 1)) },
  {
    step: (carry, x) => add(carry, x),
    bounds: (x, steps) => {
      const size = steps * magnitude(x);
      return isExact(x) ? exact(-size, size, x.grid) : rough(x.dtype, -size, size, steps * x.error, steps);
    },
  },
];

const pole = customVjp((x: Tensor) => add(mul(x, 2), 1), {
  forward: (x) => [add(mul(x, 2), 1), []],
  backward: (_, g) => [mul(g, 2)],
});

/** Steps that hold programs. */
export const loopTemplates: TemplateTable<"scan" | "customVjp"> = {
  scan: (writer: ProgramWriter) => {
    const xs = writer.value((fact) => fact.shape.length > 0 && isOf(writer.float, "int32")(fact));
    const slice = xs.shape.slice(1);
    if (slice.some((dim) => typeof dim === "string")) throw new Inapplicable();
    const { step, bounds } = isFloat(xs.dtype) ? writer.oneOf(loops) : (loops[2] as Loop);
    const shape = slice as readonly number[];
    const reverse = writer.flip();
    const run = (c: Tensor, values: Tensor): unknown =>
      scan(
        (carry: Tensor, x: Tensor) => {
          const next = step(carry, x);
          return [next, next];
        },
        c,
        values,
        { reverse },
      );
    const attributes = attributesOf<ScanAttributes>(trace(run, spec(shape, xs.dtype), spec(xs.shape, xs.dtype)));
    const start = writer.constant(fromLanes(xs.dtype, shape, new Float64Array(sizeOf(shape))), exact(0, 0, 1));
    const own = bounds(xs, writer.lengthOf(xs.shape[0]));
    // The loop starts from 0, so that is among its values too.
    const all = union(own, exact(0, 0, 1));
    writer.emitAll("scan", [start, xs], attributes, all, all);
  },
  customVjp: (writer) => {
    const x = writer.value(isOf(writer.float));
    const attributes = attributesOf<CustomVjpAttributes>(trace((value: Tensor) => pole(value), spec(x.shape, x.dtype)));
    const [low, high] = [2 * x.low + 1, 2 * x.high + 1];
    writer.emit(
      "customVjp",
      [x],
      attributes,
      isExact(x) ? exact(low, high, Math.min(1, 2 * x.grid)) : rough(x.dtype, low, high, 2 * x.error, 2),
    );
  },
};
