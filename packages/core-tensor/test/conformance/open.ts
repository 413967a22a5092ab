import { expect } from "vitest";
import { type ConformanceReport, formatReport } from "../../src/testing/index.ts";

/** A disagreement that is known and not yet decided or repaired. */
export interface OpenDisagreement {
  /** Section of the report. */
  readonly section: string;
  /** What the counterexample is about: a part of its label or message. */
  readonly about: string;
  readonly why: string;
}

/** Every disagreement is one of the open ones; anything else fails with the whole report. */
export function expectOnlyOpen(report: ConformanceReport, open: readonly OpenDisagreement[]): void {
  const unknown = [...report.ops, ...report.checks].flatMap(({ name, disagreements }) =>
    disagreements
      .filter(
        ({ label, message, program }) =>
          !open.some(({ section, about }) => section === name && `${label} ${message} ${program}`.includes(about)),
      )
      .map(({ label }) => `${name} (${label})`),
  );
  expect(unknown, formatReport(report)).toEqual([]);
}
