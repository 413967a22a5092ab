import { SafetensorsError, type SafetensorsErrorCode, hasLoneSurrogate } from "./format.ts";
import { quote } from "../quote.ts";

const code = (character: string): number => character.charCodeAt(0);
const QUOTE = code('"');
const BACKSLASH = code("\\");
const ZERO = code("0");
const whitespace = new Set([" ", "\t", "\n", "\r"].map(code));

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the JSON that a safetensors header is made of (objects, texts and whole numbers) straight from its bytes.
 * Unlike `JSON.parse` it refuses duplicate keys and inexact numbers, knows where in the file it stands, and builds
 * nothing that the caller did not ask for, so that deep or wide nonsense costs nothing.
 */
export class JsonCursor {
  /** @param end the byte after the JSON. @param at the byte that is read next. */
  constructor(
    readonly bytes: Uint8Array,
    readonly end: number,
    public at: number,
  ) {}

  fail(errorCode: SafetensorsErrorCode, message: string, offset: number = this.at): never {
    throw new SafetensorsError(errorCode, offset, message);
  }

  /** An object: `visit` reads the value of each key. */
  object(visit: (key: string, offset: number) => void): void {
    const keys = new Set<string>();
    this.#list("{", "}", () => {
      this.#skipWhitespace();
      const offset = this.at;
      const key = this.string();
      if (keys.has(key)) this.fail("duplicate-key", `the key ${quote(key)} appears twice`, offset);
      keys.add(key);
      this.#expect(":");
      visit(key, offset);
    });
  }

  /** An array of whole numbers from 0 to 2^53 - 1. */
  integers(): number[] {
    const values: number[] = [];
    this.#list("[", "]", () => values.push(this.#integer()));
    return values;
  }

  string(): string {
    this.#expect('"');
    const start = this.at - 1;
    for (; this.at < this.end && this.bytes[this.at] !== QUOTE; this.at++) {
      if (this.bytes[this.at] === BACKSLASH) this.at++;
    }
    if (this.at >= this.end) this.fail("invalid-json", "the header ends inside a text", start);
    this.at++;
    const text = decodeString(this.bytes.subarray(start, this.at));
    if (text === undefined) this.fail("invalid-json", "expected a JSON text in UTF-8", start);
    return text;
  }

  /** Only white space may follow. */
  finish(): void {
    this.#skipWhitespace();
    if (this.at < this.end) this.fail("invalid-json", `expected the end of the header, got ${this.#found()}`);
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
    if (this.at === start) this.fail("invalid-json", `expected a whole number, got ${this.#found()}`);
    if (this.bytes[start] === ZERO && this.at > start + 1) {
      this.fail("invalid-json", "expected a number without leading zeros", start);
    }
    return value;
  }

  /** Items between brackets with commas between them. */
  #list(open: string, close: string, item: () => void): void {
    this.#expect(open);
    if (this.#accept(close)) return;
    do item();
    while (this.#accept(","));
    this.#expect(close);
  }

  #accept(character: string): boolean {
    this.#skipWhitespace();
    if (this.at >= this.end || this.bytes[this.at] !== code(character)) return false;
    this.at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) this.fail("invalid-json", `expected ${character}, got ${this.#found()}`);
  }

  #skipWhitespace(): void {
    while (this.at < this.end && whitespace.has(this.bytes[this.at] as number)) this.at++;
  }

  #found(): string {
    return this.at < this.end ? `byte 0x${(this.bytes[this.at] as number).toString(16)}` : "the end of the header";
  }
}

/** The text of a quoted JSON string; undefined when it is none. */
function decodeString(quoted: Uint8Array): string | undefined {
  try {
    const text = JSON.parse(utf8.decode(quoted)) as string;
    return hasLoneSurrogate(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
