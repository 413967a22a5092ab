import { dtypes } from "../../tensor/dtype.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import { broadcastShapes, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { applyOne } from "../applyOne.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { type Operand, matchingOperands, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { broadcastLoop, forEachRun } from "./broadcastLoop.ts";

/** The record of `where`. Elements are copied as codes, so every value passes unchanged. */
export const whereRecord: Primitive = {
  name: "where",
  infer(inputs) {
    const [condition, a, b] = expectInputs("where", inputs, 3) as readonly [ValueType, ValueType, ValueType];
    expectDType("where", "condition", condition.dtype, "bool");
    expectDType("where", "first choice", a.dtype, "any");
    expectSameDType("where", "second choice", b.dtype, a.dtype);
    return [{ dtype: a.dtype, shape: broadcastShapes("where", condition.shape, a.shape, b.shape) }];
  },
  kernel(inputs, _, types) {
    const [condition, a, b] = inputs as readonly [HostTensor, HostTensor, HostTensor];
    const [type] = types as readonly [ConcreteType];
    const test = denseStorage(condition);
    const left = denseStorage(a);
    const right = denseStorage(b);
    const out = new dtypes[type.dtype].storage(sizeOf(type.shape));
    const loop = broadcastLoop(type.shape, [condition.shape, a.shape, b.shape]);
    const [testStep, leftStep, rightStep] = loop.steps as readonly [number, number, number];
    forEachRun(loop, (start, offsets) => {
      let [t, p, q] = offsets as readonly [number, number, number];
      for (let i = start, end = start + loop.length; i < end; i++, t += testStep, p += leftStep, q += rightStep) {
        out[i] = (test[t] === 0 ? right[q] : left[p]) as never;
      }
    });
    return [new HostTensor(type.dtype, type.shape, out)];
  },
};

/**
 * `a` where the condition (bool) holds, `b` elsewhere; all three broadcast, `a` and `b` have one dtype.
 *
 * No derivative flows into the choice that is not taken. What was computed *before* still has its own derivative:
 * `where(x > 0, log(x), 0)` has a NaN gradient at x = 0 because log sends 0 * Infinity on; guard the argument
 * instead, `log(where(x > 0, x, 1))`.
 */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  const test = operand(condition, "bool");
  return applyOne(whereRecord, [test, ...matchingOperands("where", a, b)], {});
}
