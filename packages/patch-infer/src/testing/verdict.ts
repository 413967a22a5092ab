/** What a law found. */
export interface LawVerdict {
  /** Name of the law. */
  readonly law: string;
  /** Did it hold? */
  readonly holds: boolean;
  /** One sentence: what was seen, and where it failed. */
  readonly message: string;
}

/** Throws an Error with the verdict's message unless the law held. */
export function assertLaw(verdict: LawVerdict): void {
  if (!verdict.holds) throw new Error(`${verdict.law}: ${verdict.message}`);
}

/** The verdict of a check that gives the sentence of its counterexample, or undefined when it found none. */
export function verdictOf(law: string, found: string | undefined, otherwise: string): LawVerdict {
  return { law, holds: found === undefined, message: found ?? otherwise };
}
