import { NpyError, type NpyErrorCode } from "./error.ts";

const code = (character: string): number => character.charCodeAt(0);
const quotes = new Set(["'", '"'].map(code));
const whitespace = new Set([" ", "\t", "\n", "\r", "\f"].map(code));
const ZERO = code("0");
const BACKSLASH = code("\\");

/**
 * Reads the Python literal that an npy header is: a dictionary with texts as keys whose values are texts, booleans and
 * tuples of whole numbers (the Python Language Reference, "Lexical analysis" and "Expressions"). Texts are printable
 * ASCII without backslashes, which is what names of element types are made of. Nothing is evaluated.
 */
export class LiteralCursor {
  /** @param end the byte after the literal. @param at the byte that is read next. */
  constructor(
    readonly bytes: Uint8Array,
    readonly end: number,
    public at: number,
  ) {}

  fail(errorCode: NpyErrorCode, message: string, offset: number = this.at): never {
    throw new NpyError(errorCode, offset, message);
  }

  /** `{key: value, …}`: `visit` reads the value of each key. */
  dictionary(visit: (key: string, offset: number) => void): void {
    this.#expect("{");
    while (!this.#accept("}")) {
      this.#skipWhitespace();
      const offset = this.at;
      const key = this.string();
      this.#expect(":");
      visit(key, offset);
      if (!this.#accept(",")) {
        this.#expect("}");
        return;
      }
    }
  }

  /** Does a list follow? */
  startsList(): boolean {
    this.#skipWhitespace();
    return this.at < this.end && this.bytes[this.at] === code("[");
  }

  /** A text in single or double quotes. */
  string(): string {
    this.#skipWhitespace();
    const start = this.at;
    const quote = this.bytes[start] as number;
    if (start >= this.end || !quotes.has(quote)) this.fail("invalid-header", `expected a text, got ${this.#found()}`);
    const characters: string[] = [];
    for (this.at++; this.at < this.end && this.bytes[this.at] !== quote; this.at++) {
      const byte = this.bytes[this.at] as number;
      if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) {
        this.fail("invalid-header", `expected a text of plain characters, got ${this.#found()}`);
      }
      characters.push(String.fromCharCode(byte));
    }
    if (this.at >= this.end) this.fail("invalid-header", "the header ends inside a text", start);
    this.at++;
    return characters.join("");
  }

  /** `True` or `False`. */
  boolean(): boolean {
    if (this.#acceptWord("True")) return true;
    if (this.#acceptWord("False")) return false;
    return this.fail("invalid-header", `expected True or False, got ${this.#found()}`);
  }

  /** A tuple of up to `most` whole numbers from 0 to 2^53 - 1; one alone has a comma behind it. */
  integers(most: number): number[] {
    const values: number[] = [];
    this.#expect("(");
    while (!this.#accept(")")) {
      if (values.length === most) this.fail("invalid-header", `expected at most ${most} dimensions`);
      values.push(this.#integer());
      if (this.#accept(",")) continue;
      if (values.length === 1) this.fail("invalid-header", `expected a comma, got ${this.#found()}`);
      this.#expect(")");
      break;
    }
    return values;
  }

  /** Only white space may follow. */
  finish(): void {
    this.#skipWhitespace();
    if (this.at < this.end) this.fail("invalid-header", `expected the end of the header, got ${this.#found()}`);
  }

  #integer(): number {
    this.#skipWhitespace();
    const start = this.at;
    let value = 0;
    for (; this.at < this.end; this.at++) {
      const digit = (this.bytes[this.at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) this.fail("overflow", "expected a number up to 2^53 - 1", start);
    }
    if (this.at === start) this.fail("invalid-header", `expected a whole number, got ${this.#found()}`);
    if (this.bytes[start] === ZERO && this.at > start + 1) {
      this.fail("invalid-header", "expected a number without leading zeros", start);
    }
    // Python 2 wrote long integers as 3L.
    if (this.at < this.end && this.bytes[this.at] === code("L")) this.at++;
    return value;
  }

  #acceptWord(word: string): boolean {
    this.#skipWhitespace();
    if (this.at + word.length > this.end) return false;
    for (let i = 0; i < word.length; i++) if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    this.at += word.length;
    return true;
  }

  #accept(character: string): boolean {
    this.#skipWhitespace();
    if (this.at >= this.end || this.bytes[this.at] !== code(character)) return false;
    this.at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) this.fail("invalid-header", `expected ${character}, got ${this.#found()}`);
  }

  #skipWhitespace(): void {
    while (this.at < this.end && whitespace.has(this.bytes[this.at] as number)) this.at++;
  }

  #found(): string {
    return this.at < this.end ? `byte 0x${(this.bytes[this.at] as number).toString(16)}` : "the end of the header";
  }
}
