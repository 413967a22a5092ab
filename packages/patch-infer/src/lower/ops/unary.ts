import type { GraphNode } from "@parsimony/core-tensor";
import type { Clamp, UnaryFunction } from "../../network/layer.ts";
import type { Lowering } from "../lowering.ts";
import type { Placed } from "../placed.ts";
import { noClamp } from "./convolution.ts";

type Handler = (node: GraphNode, at: Lowering) => void;

/** A function of one value cell by cell. */
export function unary(fn: UnaryFunction): Handler {
  return ({ inputs, outputs }, at) => {
    at.cellwise(outputs[0] as string, { kind: "unary", fn, clamp: noClamp }, at.value(inputs[0] as string));
  };
}

/** Results of one function moved into a range. */
export function clampTo(clamp: Clamp): Handler {
  return ({ inputs, outputs }, at) => addClamp(at, outputs[0] as string, clamp, at.value(inputs[0] as string));
}

export function addClamp(at: Lowering, output: string, clamp: Clamp, value: Placed): void {
  at.cellwise(output, { kind: "unary", fn: "clamp", clamp }, value);
}

/** `number fn value`, cell by cell. */
export function withNumber(
  fn: "rdiv" | "mul" | "add",
  number: number,
  value: Placed,
  at: Lowering,
  output: string,
): void {
  at.cellwise(output, { kind: "binary", fn, constant: Float32Array.of(number), clamp: noClamp }, value);
}

/** A function of one value as a chain of layers; all but the last have names of their own. */
export function chain(...steps: readonly ((value: Placed, at: Lowering, output: string) => void)[]): Handler {
  return ({ inputs, outputs }, at) => {
    const [output] = outputs as [string];
    let value = at.value(inputs[0] as string);
    steps.forEach((step, i) => {
      const name = i === steps.length - 1 ? output : `${output}:${i}`;
      step(value, at, name);
      value = at.value(name);
    });
  };
}

export function applied(fn: UnaryFunction): (value: Placed, at: Lowering, output: string) => void {
  return (value, at, output) => at.cellwise(output, { kind: "unary", fn, clamp: noClamp }, value);
}

export function numbered(
  fn: "rdiv" | "mul" | "add",
  number: number,
): (value: Placed, at: Lowering, output: string) => void {
  return (value, at, output) => withNumber(fn, number, value, at, output);
}
