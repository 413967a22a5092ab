import type { Backend } from "../../backends/backend.ts";
import type { OpName } from "../../ops/vocabulary.ts";
import type { DType } from "../../tensor/dtype.ts";
import { caseGraph } from "../caseGraph.ts";
import type { OpCase, OpCases } from "../cases/case.ts";
import { opCases } from "../cases/index.ts";
import { type Tolerance, type ToleranceRule, opTolerances } from "../cases/tolerance.ts";
import type { ConformanceSection } from "./report.ts";
import { search, seedFor } from "./search.ts";
import { type Outcome, SectionBuilder } from "./section.ts";
import { attempt } from "./trial.ts";

export interface OpCheckOptions {
  readonly dtypes: readonly DType[] | undefined;
  readonly runs: number;
  readonly seed: number;
  /** Factor on every tolerance. */
  readonly tolerance: number;
  readonly int64Bits: 32 | 64;
}

const narrow: Outcome = { kind: "unsupported", reasons: ["int64 beyond int32, by the option int64Bits"] };

/** Tries one op on all of its cases, each a program of one node. */
export async function checkOp(
  backend: Backend,
  op: OpName,
  { dtypes, runs, seed, tolerance, int64Bits }: OpCheckOptions,
): Promise<ConformanceSection> {
  const section = new SectionBuilder(op);
  // The row of the table belongs to the op; its cases are of one type among themselves, whichever that is.
  const cases = opCases[op] as OpCases<object>;
  const wanted = (dtype: DType): boolean => dtypes === undefined || dtypes.includes(dtype);
  const plain = (own: OpCase<object>): boolean => own.inputs.every(({ dtype }) => wanted(dtype));
  for (const example of cases.examples.filter(plain)) {
    const outcome =
      example.beyondInt32 === true && int64Bits === 32
        ? narrow
        : await attemptCase(backend, op, example, tolerance, false);
    // Examples that are not supported are counted with the random cases of their dtype.
    section.record(
      outcome.kind === "unsupported" ? (example.inputs[0]?.dtype ?? example.label) : example.label,
      outcome,
    );
  }
  for (const dtype of cases.dtypes.filter(wanted)) {
    let count = 0;
    await search(
      section,
      cases.arbitrary(dtype),
      { runs, seed: seedFor(seed, `${op} ${dtype}`) },
      () => dtype,
      // Every other case has its second and further inputs as constants of the program.
      (own) => attemptCase(backend, op, own, tolerance, count++ % 2 === 1),
    );
  }
  return section.build();
}

function attemptCase(
  backend: Backend,
  op: OpName,
  own: OpCase<object>,
  factor: number,
  asConstants: boolean,
): Promise<Outcome> {
  const { graph, inputs } = caseGraph(op, own, asConstants ? 1 : own.inputs.length);
  const rule = opTolerances[op] as ToleranceRule<object>;
  const { ulps, scale } = rule(own.inputs, own.attributes);
  const tolerance: Tolerance = { ulps: ulps * factor, scale };
  return attempt(backend, { graph, runs: [inputs], allowed: () => tolerance });
}
