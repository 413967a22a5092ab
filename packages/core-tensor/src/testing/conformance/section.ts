import type { ConformanceSection, Disagreement, Unsupported } from "./report.ts";

/** How one case ended. */
export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "unsupported"; readonly reasons: readonly string[] }
  | { readonly kind: "disagrees"; readonly message: string; readonly program: string };

export const passed: Outcome = { kind: "passed" };

/** Counts the outcomes of one group of checks. */
export class SectionBuilder {
  #passed = 0;
  readonly #disagreements: Disagreement[] = [];
  readonly #unsupported = new Map<string, Unsupported>();
  constructor(readonly name: string) {}

  record(label: string, outcome: Outcome): void {
    if (outcome.kind === "passed") this.#passed++;
    else if (outcome.kind === "disagrees")
      this.#disagreements.push({ label, message: outcome.message, program: outcome.program });
    else {
      const cases = (this.#unsupported.get(label)?.cases ?? 0) + 1;
      const reasons = [...new Set([...(this.#unsupported.get(label)?.reasons ?? []), ...outcome.reasons])];
      this.#unsupported.set(label, { label, reasons: reasons.slice(0, 4), cases });
    }
  }

  build(): ConformanceSection {
    return {
      name: this.name,
      passed: this.#passed,
      disagreements: this.#disagreements,
      unsupported: [...this.#unsupported.values()],
    };
  }
}
