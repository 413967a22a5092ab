import type { Dim } from "../../tensor/dims.ts";
import { ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape } from "../../tensor/shape.ts";
import { expectDType, expectInput } from "../checks.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ArgAttributes } from "../vocabulary.ts";
import { expectAxis } from "./axisChecks.ts";
import { axisSplit, forEachLine } from "./axisSplit.ts";

function checkLength(op: string, shape: readonly Dim[], axis: number): void {
  if (shape[axis] === 0) {
    throw new ShapeError({
      op,
      argument: "operand",
      expected: `elements along axis ${axis}`,
      found: `shape ${formatShape(shape)}`,
    });
  }
}

/** A record that finds the first element along an axis that beats all others; a NaN beats every number. */
function argExtreme(name: "argMax" | "argMin", beats: (x: number, best: number) => boolean): Primitive<ArgAttributes> {
  return {
    name,
    infer(inputs, { axis, keepDims }) {
      const x = expectInput(name, inputs);
      expectDType(name, "operand", x.dtype, "number");
      expectAxis(name, axis, x.shape);
      checkLength(name, x.shape, axis);
      const shape = x.shape.flatMap((dim, i) => (i !== axis ? [dim] : keepDims ? [1] : []));
      return [{ dtype: "int32", shape }];
    },
    kernel(inputs, { axis }, types) {
      const [x] = inputs as readonly [HostTensor];
      const [type] = types as readonly [ConcreteType];
      checkLength(name, x.shape, axis);
      const split = axisSplit(x.shape, axis);
      const values = readLanes(x);
      const out = new Int32Array(split.outer * split.inner);
      forEachLine(split, (start, line) => {
        let at = 0;
        let best = values[start] as number;
        for (let i = 1, p = start + split.inner; i < split.length && best === best; i++, p += split.inner) {
          const value = values[p] as number;
          if (value !== value || beats(value, best)) {
            best = value;
            at = i;
          }
        }
        out[line] = at;
      });
      return [fromLanes("int32", type.shape, out)];
    },
  };
}

/** Position of the largest element along an axis, the first of equals; NaN counts as the largest. */
export const argMaxRecord: Primitive<ArgAttributes> = argExtreme("argMax", (x, best) => x > best);

/** Position of the smallest element along an axis, the first of equals; NaN, as in NumPy, counts as the smallest. */
export const argMinRecord: Primitive<ArgAttributes> = argExtreme("argMin", (x, best) => x < best);
