import { beforeAll, describe, expect, test } from "vitest";
import { tfjs } from "../../src/backends/tfjs/index.ts";
import { loweringOf } from "../../src/backends/tfjs/lowerings/index.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { OpAttributes, OpName } from "../../src/ops/vocabulary.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { Case } from "./tfjs/case.ts";
import { cases } from "./tfjs/cases.ts";
import { expectAgrees } from "./tfjs/compare.ts";
import { engines, held, tf, useEngine } from "./tfjs/engines.ts";
import { named, single } from "./tfjs/graphs.ts";

/** Kernels that every lowering may call. */
const common = ["Identity", "Reshape", "Cast"];

function declaredKernels(op: string, inputs: Case["inputs"], attributes: object): readonly string[] {
  const { kernels } = loweringOf(op) ?? { kernels: [] };
  return typeof kernels === "function" ? kernels({ attributes, inputTypes: inputs }) : kernels;
}

describe.each(engines)("ops on the %s backend of TensorFlow.js", (engine) => {
  beforeAll(() => useEngine(engine));

  test.each(Object.keys(cases))(
    "%s agrees with the reference, frees what it allocates, calls the kernels that it names",
    async (op) => {
      for (const [number, { inputs, attributes, tolerance }] of cases[op as keyof typeof cases].entries()) {
        const label = `${op} case ${number}`;
        const graph = single(op as OpName, inputs, attributes as OpAttributes[OpName]);
        const expected = interpret(graph, named(inputs));
        const before = held();
        const backend = tfjs(tf);
        const executable = await backend.compile(graph);
        let outputs: Record<string, Tensor> = {};
        const { kernels } = await tf.profile(async () => {
          outputs = await executable.run(named(inputs));
        });
        expect(held().tensors, label).toBe(before.tensors + Object.keys(outputs).length);
        for (const [name, output] of Object.entries(outputs)) {
          await expectAgrees(output, expected[name] as never, tolerance, `${label} ${name}`);
          output.dispose();
        }
        await backend.dispose();
        expect(held(), label).toEqual(before);
        const declared = [...common, ...declaredKernels(op, inputs, attributes)];
        expect(
          kernels.map(({ name }) => name).filter((name) => !declared.includes(name)),
          label,
        ).toEqual([]);
      }
    },
  );
});
