import { CoreTensorError } from "../../tensor/errors.ts";

/** One way in which a backend does not do what the reference does. */
export interface Disagreement {
  /** Which case, for example the dtype and what the case is about. */
  readonly label: string;
  /** What differs, in one line. */
  readonly message: string;
  /** The program with its inputs as text: the smallest that was found. Empty where the check is about no program. */
  readonly program: string;
}

/** What the backend declared that it cannot do, by throwing an UnsupportedError. */
export interface Unsupported {
  readonly label: string;
  readonly reasons: readonly string[];
  /** How many cases ended so. */
  readonly cases: number;
}

/** Outcome of one group of checks. */
export interface ConformanceSection {
  /** The name of an op, or of what is checked. */
  readonly name: string;
  readonly passed: number;
  readonly disagreements: readonly Disagreement[];
  readonly unsupported: readonly Unsupported[];
}

export interface ConformanceTotals {
  readonly passed: number;
  readonly disagreements: number;
  readonly unsupported: number;
}

/** What `backendConformance` found. */
export interface ConformanceReport {
  readonly backend: string;
  readonly device: string;
  readonly seed: number;
  /** One section per op that was tried. */
  readonly ops: readonly ConformanceSection[];
  /** Random programs, symbolic dimensions, loops, errors, lifetimes, aliases, layouts. */
  readonly checks: readonly ConformanceSection[];
  readonly totals: ConformanceTotals;
  /** By the clock that was given; `null` without one. */
  readonly milliseconds: number | null;
}

/** Was thrown by `assertConforms`. */
export class ConformanceError extends CoreTensorError {
  override name = "ConformanceError";
  constructor(readonly report: ConformanceReport) {
    super(formatReport(report));
  }
}

/** Throws a ConformanceError whose message is the formatted report when there is a disagreement. */
export function assertConforms(report: ConformanceReport): void {
  if (report.totals.disagreements > 0) throw new ConformanceError(report);
}

/** Sums over sections. */
export function totalsOf(sections: readonly ConformanceSection[]): ConformanceTotals {
  const sum = (count: (section: ConformanceSection) => number): number =>
    sections.reduce((total, section) => total + count(section), 0);
  return {
    passed: sum(({ passed }) => passed),
    disagreements: sum(({ disagreements }) => disagreements.length),
    unsupported: sum(({ unsupported }) => unsupported.reduce((total, { cases }) => total + cases, 0)),
  };
}

export interface FormatReportOptions {
  /** Most disagreements that are shown in full for each section. Default 3. */
  readonly perSection?: number;
}

/** The report as text: totals, every disagreement with its program, what is unsupported and why. */
export function formatReport(report: ConformanceReport, options: FormatReportOptions = {}): string {
  const { perSection = 3 } = options;
  const { totals, milliseconds, seed } = report;
  const time = milliseconds === null ? "" : ` in ${(milliseconds / 1000).toFixed(1)} s`;
  const lines = [
    `${report.backend} (${report.device}), seed ${seed}: ${totals.passed} cases passed, ${totals.disagreements} disagreements, ` +
      `${totals.unsupported} cases unsupported${time}`,
  ];
  for (const section of [...report.ops, ...report.checks]) {
    section.disagreements.slice(0, perSection).forEach(({ label, message, program }) => {
      lines.push("", `✗ ${section.name} (${label}): ${message}`);
      if (program !== "") lines.push(program.replace(/^/gm, "    "));
    });
    const more = section.disagreements.length - perSection;
    if (more > 0) lines.push("", `✗ ${section.name}: ${more} more disagreements`);
  }
  const declined = formatUnsupported([...report.ops, ...report.checks]);
  return [...lines, ...(declined.length === 0 ? [] : ["", "unsupported:", ...declined])].join("\n");
}

/** One line per reason, with the sections and dtypes that it holds for. Names of values in quotes are left out. */
function formatUnsupported(sections: readonly ConformanceSection[]): string[] {
  const byReason = new Map<string, { cases: number; readonly where: Set<string> }>();
  for (const { name, unsupported } of sections) {
    for (const { label, reasons, cases } of unsupported) {
      const reason = reasons.map((text) => text.replace(/ \(("[^"]*"(, )?)+( and \d+ more)?\)/g, "")).join("; ");
      const entry = byReason.get(reason) ?? { cases: 0, where: new Set<string>() };
      entry.cases += cases;
      entry.where.add(`${name} (${label})`);
      byReason.set(reason, entry);
    }
  }
  return [...byReason].map(([reason, { cases, where }]) => {
    const shown = [...where].slice(0, 4).join(", ");
    const more = where.size > 4 ? ` and ${where.size - 4} more` : "";
    return `  ${reason}: ${cases} cases of ${shown}${more}`;
  });
}
