import { ConformalError } from "../base/errors.ts";
import type { Token } from "./tokenCosts.ts";

/** A token as language-model services return it: its text and log-probability. */
export interface TokenText {
  readonly text: string;
  readonly logprob: number;
}

/**
 * Gives tokens their positions: the texts must be the source, piece by piece.
 *
 * @throws ConformalError E_TREE at the first token that is not what the source goes on with, or where text is left over
 */
export function alignTokens(source: string, tokens: readonly TokenText[]): Token[] {
  let start = 0;
  const aligned = tokens.map(({ text, logprob }, t) => {
    if (!source.startsWith(text, start)) {
      const found = JSON.stringify(source.slice(start, start + text.length));
      const message = `alignTokens: tokens[${t}] is ${JSON.stringify(text)}, but the source has ${found} at ${start}`;
      throw new ConformalError("E_TREE", message, t);
    }
    const token = { start, end: start + text.length, logprob };
    start = token.end;
    return token;
  });
  if (start < source.length) {
    const message = `alignTokens: the tokens end at ${start}, the source at ${source.length}`;
    throw new ConformalError("E_TREE", message, tokens.length);
  }
  return aligned;
}
