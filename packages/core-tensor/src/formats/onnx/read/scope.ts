import { OnnxError } from "../error.ts";
import { quote } from "../../quote.ts";
import type { Value } from "./value.ts";

/**
 * The names that a graph may use: its own values, and those of the graphs around it. `undefined` stands for a value that
 * could not be read, so that what depends on it is passed over.
 */
export class Scope {
  readonly #values = new Map<string, Value | undefined>();
  readonly #absent = new Set<string>();

  constructor(
    /** Stands before the names of this scope in the program: empty for the model's main graph. */
    readonly prefix: string = "",
    readonly outer: Scope | undefined = undefined,
  ) {}

  /** The name that a value of this scope has in the program. */
  fullName(name: string): string {
    return this.#values.has(name) || this.outer === undefined ? `${this.prefix}${name}` : this.outer.fullName(name);
  }

  /** @param absent the name is an optional input of a function that the caller did not give. */
  define(name: string, value: Value | undefined, offset: number, absent = false): void {
    if (this.#values.has(name)) throw new OnnxError("duplicate-name", offset, `two values are named ${quote(name)}`);
    this.#values.set(name, value);
    if (absent) this.#absent.add(name);
  }

  /** The value behind a name; `undefined` where there is none, or none that could be read. */
  find(name: string): Value | undefined {
    return this.#values.has(name) ? this.#values.get(name) : this.outer?.find(name);
  }

  get(name: string, offset: number): Value | undefined {
    if (this.#values.has(name)) return this.#values.get(name);
    if (this.outer !== undefined) return this.outer.get(name, offset);
    throw new OnnxError("undefined-name", offset, `the value ${quote(name)} is used before it is made`);
  }

  /** Is this an optional input that was not given? */
  isAbsent(name: string): boolean {
    return this.#absent.has(name) || (!this.#values.has(name) && this.outer?.isAbsent(name) === true);
  }
}
