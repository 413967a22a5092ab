import type { Cost } from "./cheapestPaths.ts";

/** What cannot be beaten: peaks rise strictly, costs (MACs, then calls) fall strictly. */
export class Staircase<Choice extends Cost> {
  readonly choices: Choice[] = [];

  /** Whether a choice would get in. Of two equal ones the first stays. */
  accepts(peakBytes: number, macs: number, calls: number): boolean {
    const below = this.#notAbove(peakBytes) - 1;
    const rival = this.choices[below];
    return rival === undefined || macs < rival.macs || (macs === rival.macs && calls < rival.calls);
  }

  /** Takes in a choice that it accepts and lets go of those that are beaten by it. */
  add(choice: Choice): void {
    const at = this.#notAbove(choice.peakBytes);
    const isBeaten = (rival: Choice | undefined): boolean =>
      rival !== undefined && (choice.macs < rival.macs || (choice.macs === rival.macs && choice.calls <= rival.calls));
    const start = this.choices[at - 1]?.peakBytes === choice.peakBytes ? at - 1 : at;
    let end = start;
    while (isBeaten(this.choices[end])) end++;
    this.choices.splice(start, end - start, choice);
  }

  /** How many choices have a peak that is not above this one. */
  #notAbove(peakBytes: number): number {
    let [low, high] = [0, this.choices.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.choices[middle] as Choice).peakBytes <= peakBytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
