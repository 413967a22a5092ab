import { dimsOf } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import type { Activation } from "../activations.ts";
import { alongMemory, dimsOfDepth } from "./binary.ts";
import { noClamp } from "./convolution.ts";
import { doubles } from "./numbers.ts";

/** An activation as one layer. */
export function activation({ fn, input, slope: name }: Activation, output: string, at: Lowering): void {
  const value = at.value(input);
  if (name === undefined) {
    at.cellwise(output, { kind: "unary", fn, clamp: noClamp }, value);
    return;
  }
  if (at.shape(output).join() !== at.shape(input).join()) refuse("has slopes that repeat the value");
  const slopes = (at.constant(name) ?? refuse("has slopes that are computed")).value;
  const places = alongMemory(value, slopes.shape);
  const elements = doubles(slopes);
  const slope = Float32Array.from(places, (place) => elements[place] as number);
  const dims = dimsOfDepth(dimsOf(at.draft.map(value.map)), places.length);
  const input0 = at.draft.view(value.map, dims);
  const map = at.draft.add({ kind: "unary", fn, slope, clamp: noClamp }, [input0], output, dims);
  at.set(output, { ...value, map });
}
