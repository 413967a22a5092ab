import type { Backend, Executable } from "../../backends/backend.ts";
import { interpret } from "../../graph/interpret.ts";
import { spec } from "../../graph/spec.ts";
import { trace } from "../../graph/trace.ts";
import { add, gather, matmul } from "../../ops/index.ts";
import { type TensorLike, tensor } from "../../tensor/create.ts";
import { ArgumentError, DTypeError, OpError, ShapeError } from "../../tensor/errors.ts";
import { type Check, CheckFailure, ensure, rejection } from "./named.ts";
import { compareOutputs } from "./trial.ts";

const program = trace(
  (a, b) => add(matmul(a, b), 1),
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
      const message = await compareOutputs(await executable.run(good), interpret(program, good), () => ({ ulps: 4, scale: 0 }));
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

/** An index outside its axis is no index: it must not read another element. */
const indexOutside: Check = async (backend) => {
  const lookup = trace((table, index) => gather(table, index), spec([3], "float32"), spec([1], "int32"));
  const executable = await backend.compile(lookup);
  try {
    for (const index of [3, -1]) {
      const inputs = { arg0: tensor([1, 2, 3]), arg1: tensor([index], { dtype: "int32" }) };
      await rejection(
        executable.run(inputs).then(async (outputs) => outputs["output"]?.data()),
        `gather of index ${index} from 3 elements`,
      );
    }
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
  "one symbol, two numbers": refuses({ a: good.a, b: tensor([[1, 2], [3, 4]]) }, ShapeError, '"b"'),
  "an index outside its axis": indexOutside,
};
