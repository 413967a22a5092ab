import { quote } from "../quote.ts";
import { LayersModelError } from "./error.ts";

/** A value of parsed JSON that knows where it stands, and is read with checks only. */
export class JsonValue {
  constructor(
    readonly value: unknown,
    readonly path: string,
  ) {}

  fail(expected: string): never {
    throw new LayersModelError("invalid-json", this.path, `expected ${expected}, got ${kindOf(this.value)}`);
  }

  /** The value of a key, or undefined when it is missing or null. */
  optional(key: string): JsonValue | undefined {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.fail("an object");
    if (!Object.hasOwn(value, key)) return undefined;
    const found: unknown = (value as Readonly<Record<string, unknown>>)[key];
    return found === null || found === undefined ? undefined : new JsonValue(found, `${this.path}.${key}`);
  }

  get(key: string): JsonValue {
    return this.optional(key) ?? new JsonValue(undefined, `${this.path}.${key}`).fail("a value");
  }

  get isArray(): boolean {
    return Array.isArray(this.value);
  }

  items(): readonly JsonValue[] {
    const { value } = this;
    if (!Array.isArray(value)) return this.fail("an array");
    return value.map((item: unknown, i) => new JsonValue(item, `${this.path}[${i}]`));
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.fail("a text");
  }

  number(): number {
    return typeof this.value === "number" && Number.isFinite(this.value) ? this.value : this.fail("a number");
  }

  /** A whole number from `least` to 2^31 - 1. */
  whole(least: number): number {
    const value = this.number();
    if (!Number.isInteger(value) || value < least || value >= 2 ** 31) this.fail(`a whole number from ${least} on`);
    return value;
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.fail("true or false");
  }

  /** One whole number for both axes, or one for each. */
  pair(least: number): readonly [number, number] {
    if (!this.isArray) {
      const both = this.whole(least);
      return [both, both];
    }
    const [first, second, ...more] = this.items();
    if (first === undefined || second === undefined || more.length > 0) return this.fail("two whole numbers");
    return [first.whole(least), second.whole(least)];
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : "an object";
}
