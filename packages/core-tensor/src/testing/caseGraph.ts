import { GraphBuilder } from "../graph/builder.ts";
import type { Attributes, Graph } from "../ops/program.ts";
import type { OpName } from "../ops/vocabulary.ts";
import type { HostTensor } from "../tensor/host.ts";
import type { OpCase } from "./cases/case.ts";

/** The program of one node that a case is. Its inputs from the `constants`th on are constants of the program. */
export function caseGraph(
  op: OpName,
  { inputs, attributes }: OpCase<object>,
  constants: number = inputs.length,
): { readonly graph: Graph; readonly inputs: Readonly<Record<string, HostTensor>> } {
  const builder = new GraphBuilder(op);
  const given: Record<string, HostTensor> = {};
  const names = inputs.map((value, i) => {
    if (i >= constants) return builder.constant(value);
    given[`x${i}`] = value;
    return builder.input(`x${i}`, { dtype: value.dtype, shape: value.shape });
  });
  builder.addNode(op, names, attributes as Attributes).forEach((name, i) => builder.output(`y${i}`, name));
  return { graph: builder.build(), inputs: given };
}
