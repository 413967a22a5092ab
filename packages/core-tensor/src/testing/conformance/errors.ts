import type { Backend, Executable } from "../../backends/backend.ts";
import { expectedOutputs } from "../expected.ts";
import { spec } from "../../graph/spec.ts";
import { trace } from "../../graph/trace.ts";
import { add, gather, matmul } from "../../ops/index.ts";
import { type TensorLike, tensor } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { ArgumentError, DTypeError, type OpError, ShapeError } from "../../tensor/errors.ts";
import { type Check, CheckFailure, ensure, rejection } from "./named.ts";
import { compareOutputs } from "./trial.ts";

const program = trace(
  (a: Tensor, b: Tensor) => add(matmul(a, b), 1),
  spec(["batch", 2], "float32", "a"),
  spec([2, "batch"], "float32", "b"),
);

const good = { a: tensor([[1, 2]]), b: tensor([[3], [4]]) };

type Refusal = new (details: ConstructorParameters<typeof OpError>[0]) => OpError;

/** Wrong inputs must be refused with the input's name, and leave the program usable. */
function refuses(inputs: Readonly<Record<string, TensorLike>>, kind: Refusal, name: string): Check {
  return async (backend) =>
    withProgram(backend, async (executable) => {
      const error = await rejection(executable.run(inputs), "run");
      ensure(error instanceof kind, `expected ${kind.name}, got ${String(error)}`);
      ensure(String(error).includes(name), `expected an error that names "${name}", got ${String(error)}`);
      const message = await compareOutputs(await executable.run(good), expectedOutputs(program, good), () => ({
        ulps: 4,
        scale: 0,
      }));
      if (message !== undefined) throw new CheckFailure(`after the error: ${message}`);
    });
}

async function withProgram(backend: Backend, use: (executable: Executable) => Promise<void>): Promise<void> {
  const executable = await backend.compile(program);
  try {
    await use(executable);
  } finally {
    await executable.dispose();
  }
}

/** An index beyond its axis must not read memory beyond the value. */
const indexBeyond: Check = async (backend) => {
  const lookup = trace(
    (table: Tensor, index: Tensor) => gather(table, index),
    spec([3], "float32"),
    spec([1], "int32"),
  );
  const executable = await backend.compile(lookup);
  try {
    const inputs = { arg0: tensor([1, 2, 3]), arg1: tensor([3], { dtype: "int32" }) };
    const read = executable.run(inputs).then(async (outputs) => outputs["output"]?.data());
    await rejection(read, "gather of index 3 from 3 elements");
  } finally {
    await executable.dispose();
  }
};

/** What happens when a program is run with something that does not fit. */
export const errorChecks: Readonly<Record<string, Check>> = {
  "a missing input": refuses({ a: good.a }, ArgumentError, '"b"'),
  "an unknown input": refuses({ ...good, c: good.a }, ArgumentError, "c"),
  "another dtype": refuses({ ...good, b: tensor([[3], [4]], { dtype: "int32" }) }, DTypeError, '"b"'),
  "another rank": refuses({ ...good, a: tensor([1, 2]) }, ShapeError, '"a"'),
  "another dimension": refuses({ ...good, a: tensor([[1, 2, 3]]) }, ShapeError, '"a"'),
  "one symbol, two numbers": refuses(
    {
      a: good.a,
      b: tensor([
        [1, 2],
        [3, 4],
      ]),
    },
    ShapeError,
    '"b"',
  ),
  "an index beyond its axis": indexBeyond,
};
