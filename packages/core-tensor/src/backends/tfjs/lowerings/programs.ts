import type { OpAttributes, ScanAttributes } from "../../../ops/vocabulary.ts";
import { carrier } from "../carriers.ts";
import type { TfTensor } from "../engine.ts";
import type { TfContext, TfLoweringTable } from "../lowering.ts";

/** The entry of x at a place along axis 0. */
function entry(c: TfContext, x: TfTensor, at: number): TfTensor {
  const rest = x.shape.slice(1);
  const sliced = c.tf.slice(x, [at, ...rest.map(() => 0)], [1, ...rest]);
  const value = c.tf.reshape(sliced, [...rest]);
  sliced.dispose();
  return value;
}

/** A loop in JavaScript over the body: what a step has used up is freed before the next. */
function scan(c: TfContext, inputs: readonly TfTensor[], attributes: ScanAttributes): TfTensor[] {
  const { tf } = c;
  const { carries, scanned, reverse } = attributes;
  const length = attributes.length as number;
  const xs = inputs.slice(carries, carries + scanned);
  const constants = inputs.slice(carries + scanned);
  const results: TfTensor[][] = c.types.slice(carries).map(() => []);
  let carry = inputs.slice(0, carries);
  for (let i = 0; i < length; i++) {
    const at = reverse ? length - 1 - i : i;
    // The first carry belongs to the caller, those after it to the loop.
    const owned = [...carry.map(() => i > 0), ...xs.map(() => true), ...constants.map(() => false)];
    const outputs = c.evaluate("body", [...carry, ...xs.map((x) => entry(c, x, at)), ...constants], owned);
    carry = outputs.slice(0, carries);
    outputs.slice(carries).forEach((output, r) => {
      const row = tf.reshape(output, [1, ...output.shape]);
      output.dispose();
      (results[r] as TfTensor[])[at] = row;
    });
  }
  const stacked = results.map((rows, r) => {
    const { dtype, shape } = c.types[carries + r] as TfContext["types"][number];
    if (rows.length === 0 || shape.includes(0)) return tf.fill([...shape], 0, carrier(dtype));
    return rows.length === 1 ? (rows[0] as TfTensor) : tf.concat(rows, 0);
  });
  return [...carry.map((value) => (length === 0 ? value.clone() : value)), ...stacked];
}

/** Ops that hold programs. */
export const programLowerings: TfLoweringTable<Pick<OpAttributes, "scan" | "customVjp">> = {
  scan: { kernels: ["Slice", "Concat", "Fill"], programs: ["body"], lower: scan },
  customVjp: {
    kernels: [],
    programs: ["primal"],
    lower: (c, inputs) =>
      c.evaluate(
        "primal",
        inputs,
        inputs.map(() => false),
      ),
  },
};
