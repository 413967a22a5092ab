import type { Backend } from "../../backends/backend.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import type { ConformanceSection } from "./report.ts";
import { type Outcome, SectionBuilder, passed } from "./section.ts";

/** A check that throws, or answers with its outcome, when it does not hold. */
export type Check = (backend: Backend) => Promise<Outcome | undefined> | Promise<void>;

/** A check failed: the message says how. */
export class CheckFailure extends Error {
  override name = "CheckFailure";
  constructor(
    message: string,
    readonly program: string = "",
  ) {
    super(message);
  }
}

/** Throws unless the condition holds. */
export function ensure(condition: boolean, message: string): void {
  if (!condition) throw new CheckFailure(message);
}

/** Runs checks one by one. */
export async function runChecks(
  backend: Backend,
  name: string,
  checks: Readonly<Record<string, Check>>,
): Promise<ConformanceSection> {
  const section = new SectionBuilder(name);
  for (const [label, check] of Object.entries(checks)) section.record(label, await outcomeOf(() => check(backend)));
  return section.build();
}

async function outcomeOf(run: () => ReturnType<Check>): Promise<Outcome> {
  try {
    return (await run()) ?? passed;
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: "unsupported", reasons: error.reasons };
    if (error instanceof CheckFailure) return { kind: "disagrees", message: error.message, program: error.program };
    return {
      kind: "disagrees",
      message: `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      program: "",
    };
  }
}

/** What a promise was rejected with; a CheckFailure when it was not. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new CheckFailure(`${what}: expected an error, got a result`);
}
