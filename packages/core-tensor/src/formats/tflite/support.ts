import { dtypes } from "../../tensor/dtype.ts";
import { quote } from "../quote.ts";
import { operatorLabel } from "./node.ts";
import { operatorRow } from "./operators/index.ts";
import type { Model, TensorInfo } from "./schema.ts";
import { isNibble, typeDType, typeName } from "./types.ts";

/** Everything in a model that cannot be read, as far as it shows before the operators are read: one sentence each. */
export function reasonsAgainst({ main, subgraphs }: Model): string[] {
  const reasons: string[] = [];
  if (subgraphs > 1) reasons.push(`${subgraphs} subgraphs: only models with one can be read`);
  const used = new Set<number>([...main.inputs, ...main.outputs]);
  const made = new Set<number>(main.inputs);
  for (const operator of main.operators) {
    for (const index of operator.inputs) if (index >= 0) used.add(index);
    for (const index of operator.outputs) {
      used.add(index);
      made.add(index);
    }
    if (operatorRow(operator.kind) === undefined) reasons.push(operatorLabel(operator));
  }
  for (const tensor of main.tensors) {
    const against = used.has(tensor.index) ? tensorReason(tensor, made.has(tensor.index)) : undefined;
    if (against !== undefined) reasons.push(`tensor ${tensor.index} (${quote(tensor.name)}): ${against}`);
  }
  return reasons;
}

function tensorReason({ type, isVariable, isExternal, quantization }: TensorInfo, isMade: boolean): string | undefined {
  const dtype = typeDType(type);
  if (dtype === undefined) return `elements of ${typeName(type)}`;
  if (isNibble(type) && isMade) return `elements of ${typeName(type)} that are no constants`;
  if (isVariable) return "a variable that keeps its value between runs";
  if (isExternal) return "values in another file";
  if (dtypes[dtype].kind === "int" && (quantization?.uint8(4) ?? 0) !== 0) {
    return "a quantisation in blocks or along several axes";
  }
  return undefined;
}
