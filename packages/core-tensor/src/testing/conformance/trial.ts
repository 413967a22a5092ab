import type { Backend, Executable } from "../../backends/backend.ts";
import { expectedOutputs } from "../expected.ts";
import type { Graph } from "../../ops/program.ts";
import { toHost } from "../../tensor/create.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Tolerance, agrees } from "../cases/tolerance.ts";
import { firstMismatch, formatMismatch } from "../mismatch.ts";
import { type Outcome, passed } from "./section.ts";
import { showProgram } from "./show.ts";

export type Inputs = Readonly<Record<string, HostTensor>>;

/** How far the output of this name may be from the reference. */
export type Allowed = (output: string) => Tolerance;

/** A program, values for it, and what its results are compared with. */
export interface Trial {
  readonly graph: Graph;
  /** One or several sets of values: the program is compiled once and run with each. */
  readonly runs: readonly Inputs[];
  readonly allowed: Allowed;
}

/** Compiles a program, runs it and compares with the reference. Frees what it made. */
export async function attempt(backend: Backend, { graph, runs, allowed }: Trial): Promise<Outcome> {
  let executable: Executable | undefined;
  let inputs = runs[0] ?? {};
  const disagrees = (message: string): Outcome => ({ kind: "disagrees", message, program: showProgram(graph, inputs) });
  try {
    executable = await backend.compile(graph);
    for (inputs of runs) {
      const expected = expectedOutputs(graph, inputs);
      const actual = await executable.run(inputs);
      const message = await compareOutputs(actual, expected, allowed);
      for (const value of Object.values(actual)) value.dispose();
      if (message !== undefined) return disagrees(message);
    }
    return passed;
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: "unsupported", reasons: error.reasons };
    return disagrees(`threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  } finally {
    await executable?.dispose();
  }
}

/** The first difference between named results, in words; `undefined` when they agree. */
export async function compareOutputs(
  actual: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, HostTensor>>,
  allowed: Allowed,
): Promise<string | undefined> {
  const names = Object.keys(expected);
  const found = Object.keys(actual);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(actual, name))) {
    return `expected the outputs ${names.join(", ") || "(none)"}, got ${found.join(", ") || "(none)"}`;
  }
  for (const name of names) {
    const message = await compareValue(actual[name] as Tensor, expected[name] as HostTensor, allowed(name));
    if (message !== undefined) return `output "${name}": ${message}`;
  }
  return undefined;
}

/** The first difference between two values, in words. */
export async function compareValue(
  actual: Tensor,
  expected: HostTensor,
  tolerance: Tolerance,
): Promise<string | undefined> {
  if (actual.dtype !== expected.dtype) return `expected ${expected.dtype}, got ${actual.dtype}`;
  if (formatShape(actual.shape) !== formatShape(expected.shape)) {
    return `expected shape ${formatShape(expected.shape)}, got ${formatShape(actual.shape)}`;
  }
  const data = (await toHost(actual)).dataSync();
  const wanted = expected.dataSync();
  if (data.constructor !== wanted.constructor || data.length !== wanted.length) {
    return `expected ${wanted.constructor.name} of ${wanted.length}, got ${data.constructor.name} of ${data.length}`;
  }
  const mismatch = firstMismatch(data, wanted, expected.shape, agrees(expected.dtype, tolerance));
  return mismatch === undefined ? undefined : formatMismatch(mismatch);
}
