import { ArgumentError } from "../../tensor/errors.ts";

/** An equation taken apart: one label per axis. The axes of an ellipsis are labelled `.0`, `.1`, … from the last. */
export interface EinsumLabels {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

function refuse(equation: string, expected: string): never {
  throw new ArgumentError({ op: "einsum", argument: "equation", expected, found: `"${equation}"` });
}

/** Labels of one term; `hidden` is the number of axes that its ellipsis stands for. */
function termLabels(equation: string, term: string, hidden: number): string[] {
  const [before, after, ...more] = term.split("...");
  if (more.length > 0) refuse(equation, "at most one ellipsis in a term");
  const letters = (part: string): string[] => {
    if (!/^[A-Za-z]*$/.test(part))
      refuse(equation, "letters and ellipses, terms joined by commas, -> before the output");
    return [...part];
  };
  const middle = after === undefined ? [] : Array.from({ length: hidden }, (_, i) => `.${hidden - 1 - i}`);
  return [...letters(before as string), ...middle, ...letters(after ?? "")];
}

/**
 * Reads an equation such as `"bij,bjk->bik"`. Without an output term the output has the ellipsis and then, in
 * alphabetical order, the letters that occur once, as in NumPy.
 *
 * @param ranks of the operands.
 * @throws ArgumentError when the equation cannot be read or does not fit the ranks.
 */
export function parseEinsum(equation: string, ranks: readonly number[]): EinsumLabels {
  const [left, right, ...more] = equation.replaceAll(" ", "").split("->");
  if (more.length > 0) refuse(equation, "one ->");
  const terms = (left as string).split(",");
  if (terms.length !== ranks.length) refuse(equation, `one term for each of the ${ranks.length} operands`);
  const hidden = terms.map((term, i) => {
    const named = term.replace("...", "").length;
    const rest = (ranks[i] as number) - named;
    if (rest < 0 || (rest > 0 && !term.includes("..."))) refuse(equation, `${ranks[i]} axes in term ${i}`);
    return rest;
  });
  const inputs = terms.map((term, i) => termLabels(equation, term, hidden[i] as number));
  const widest = Math.max(0, ...terms.map((term, i) => (term.includes("...") ? (hidden[i] as number) : 0)));
  if (right !== undefined) {
    const output = termLabels(equation, right, widest);
    const known = new Set(inputs.flat());
    if (new Set(output).size !== output.length || output.some((label) => !known.has(label))) {
      refuse(equation, "each output label once, and in a term");
    }
    return { inputs, output };
  }
  const all = inputs.flat();
  const once = [...new Set(all)].filter(
    (label) => !label.startsWith(".") && all.indexOf(label) === all.lastIndexOf(label),
  );
  return { inputs, output: [...Array.from({ length: widest }, (_, i) => `.${widest - 1 - i}`), ...once.sort()] };
}
