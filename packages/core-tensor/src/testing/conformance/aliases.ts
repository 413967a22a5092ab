import { GraphBuilder } from "../../graph/builder.ts";
import { expectedOutputs } from "../expected.ts";
import type { Graph } from "../../ops/program.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { relaidOut } from "../arbitraries/tensors.ts";
import { type Check, CheckFailure } from "./named.ts";
import { showProgram } from "./show.ts";
import { type Inputs, attempt, compareOutputs, compareValue } from "./trial.ts";

const matrix = fromLanes("float32", [2, 3], [1, 2, 3, 4, 5, 6]);
const exactly = (): { ulps: number; scale: number } => ({ ulps: 0, scale: 0 });

function build(write: (builder: GraphBuilder, x: string) => void): Graph {
  const builder = new GraphBuilder("aliases");
  write(builder, builder.input("x", { dtype: "float32", shape: [2, 3] }));
  return builder.build();
}

const graphs: Readonly<Record<string, Graph>> = {
  "an output that is an input": build((builder, x) => builder.output("y", x)),
  "an output that is a constant": build((builder) => builder.output("y", builder.constant(matrix))),
  "one value under two names": build((builder, x) => {
    const [y] = builder.add("neg", [x], {}) as [string];
    builder.output("first", y);
    builder.output("second", y);
  }),
  "input, constant and a view of each": build((builder, x) => {
    const constant = builder.constant(matrix);
    builder.output("input", x);
    builder.output("constant", constant);
    builder.output("turned", builder.add("transpose", [x], { permutation: [1, 0] })[0] as string);
    builder.output("flat", builder.add("reshape", [constant], { shape: [6] })[0] as string);
    builder.output("stopped", builder.add("stopGradient", [x], {})[0] as string);
    builder.output("itself", builder.add("reshape", [x], { shape: [2, 3] })[0] as string);
  }),
  "an output that other nodes read": build((builder, x) => {
    const [y] = builder.add("abs", [x], {}) as [string];
    const [z] = builder.add("neg", [y], {}) as [string];
    builder.output("middle", y);
    builder.output("end", z);
  }),
  "no nodes, no outputs": build(() => {}),
  "names that need care": build((builder, x) => {
    builder.output("a b/c:0", builder.add("neg", [x], {}, ["weird name.1"])[0] as string);
    builder.output("x", builder.add("abs", [x], {})[0] as string);
  }),
  "an input that nobody reads": build((builder, x) => {
    builder.input("unused", { dtype: "int32", shape: [1] });
    builder.output("y", builder.add("neg", [x], {})[0] as string);
  }),
};

function inputsOf(graph: Graph): Inputs {
  return graph.inputs.includes("unused") ? { x: matrix, unused: fromLanes("int32", [1], [7]) } : { x: matrix };
}

/** Every output is the user's own: disposing one must not touch another, an input, or the program's constants. */
function ownsItsOutputs(graph: Graph): Check {
  return async (backend) => {
    const inputs = inputsOf(graph);
    const x = await backend.put(matrix);
    const executable = await backend.compile(graph);
    const expected = expectedOutputs(graph, inputs);
    try {
      for (let run = 0; run < 2; run++) {
        const outputs = await executable.run({ ...inputs, x });
        const entries = Object.entries(outputs);
        const message = await compareOutputs(outputs, expected, exactly);
        if (message !== undefined) throw new CheckFailure(message, showProgram(graph, inputs));
        for (const [name, output] of entries) {
          output.dispose();
          await othersAreAlive(name, entries, expected);
        }
      }
      const message = await compareValue(x, matrix, exactly());
      if (message !== undefined) throw new CheckFailure(`the input afterwards: ${message}`, showProgram(graph, inputs));
    } finally {
      x.dispose();
      await executable.dispose();
    }
  };
}

async function othersAreAlive(
  disposed: string,
  entries: readonly (readonly [string, Tensor])[],
  expected: Inputs,
): Promise<void> {
  const at = entries.findIndex(([name]) => name === disposed);
  for (const [name, output] of entries.slice(at + 1)) {
    const message = await compareValue(output, expected[name] as Inputs[string], exactly());
    if (message !== undefined) throw new CheckFailure(`"${name}" after "${disposed}" was disposed of: ${message}`);
  }
}

/** Programs whose outputs are inputs, constants or each other. */
export const aliasChecks: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.entries(graphs).map(([name, graph]) => [name, ownsItsOutputs(graph)]),
);

/** Host tensors that are no dense arrays, as inputs and as constants. */
export const layoutChecks: Readonly<Record<string, Check>> = Object.fromEntries(
  (["reversed", "spaced", "columnMajor"] as const).flatMap((layout) =>
    (["float32", "int64", "bool", "float16"] as const).map((dtype): [string, Check] => [
      `${dtype}, ${layout}`,
      async (backend) => {
        const value = relaidOut(
          fromLanes(dtype, [2, 3], dtype === "bool" ? [1, 0, 0, 1, 1, 0] : [1, 2, 3, 4, 5, 6]),
          layout,
        );
        const builder = new GraphBuilder("layouts");
        const x = builder.input("x", { dtype, shape: [2, 3] });
        builder.output("y", builder.add("concat", [x, builder.constant(value)], { axis: 1 })[0] as string);
        return attempt(backend, { graph: builder.build(), runs: [{ x: value }], allowed: exactly });
      },
    ]),
  ),
);
