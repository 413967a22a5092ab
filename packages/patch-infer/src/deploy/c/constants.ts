import { type CNumber, literal, numberBytes, wrapped } from "./literals.ts";

/** The constant arrays of a program. Equal arrays are written once. */
export class Constants {
  readonly #names = new Map<string, string>();
  readonly #texts: string[] = [];
  #bytes = 0;

  /** The name of an array with these values. */
  add(type: CNumber, values: ArrayLike<number>): string {
    const text = wrapped(Array.from(values, (value) => literal(type, value)));
    const key = `${type}${text}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `net_constant_${this.#names.size}`;
    this.#names.set(key, name);
    this.#texts.push(`static const ${type} ${name}[${values.length}] = {\n${text}\n};\n`);
    this.#bytes += values.length * numberBytes[type];
    return name;
  }

  /** Bytes of all arrays. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Their C text, in the order in which they were asked for. */
  get text(): string {
    return this.#texts.join("\n");
  }
}
