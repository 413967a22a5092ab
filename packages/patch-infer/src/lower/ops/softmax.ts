import type { NodeOf } from "@parsimony/core-tensor";
import type { Lowering } from "../lowering.ts";
import { type AxisGroups, shapeOf } from "../placed.ts";

/** Along an axis that becomes the channels. */
export function softmax(node: NodeOf<"softmax">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const { axis } = node.attributes;
  const value = at.value(x);
  const shape = shapeOf(value);
  const natural = at.naturalGroups(value);
  const alone = natural?.[2].every((other) => other === axis || shape[other] === 1) && natural[2].includes(axis);
  const others = shape.flatMap((_, other) => (other === axis ? [] : [other]));
  const groups: AxisGroups = alone ? (natural as AxisGroups) : [others.slice(0, -1), others.slice(-1), [axis]];
  at.make(node.outputs[0] as string, { kind: "softmax" }, [at.arrange(value, groups)], groups);
}
