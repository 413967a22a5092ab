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
