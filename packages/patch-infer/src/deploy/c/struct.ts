import type { Constants } from "./constants.ts";
import { type CNumber, floatLiteral, integerLiteral } from "./literals.ts";

/** A field of a layer's struct: a whole number, a float, or the address of constants (NULL for none). */
export type Field =
  | number
  | { readonly float: number }
  | { readonly type: CNumber; readonly values: ArrayLike<number> };

export type Fields = Readonly<Record<string, Field>>;

/** Every field takes so many bytes where addresses have 32 bits. */
export const fieldBytes = 4;

/** The struct type with these fields. */
export function structText(name: string, fields: Fields): string {
  const lines = Object.entries(fields).map(([field, value]) => `  ${fieldType(value)}${field};\n`);
  return `typedef struct {\n${lines.join("")}} ${name};\n`;
}

function fieldType(field: Field): string {
  if (typeof field === "number") return "int32_t ";
  return "float" in field ? "float " : `const ${field.type} *`;
}

/** A constant of such a struct; arrays go to `constants`. */
export function structValue(fields: Fields, constants: Constants): string {
  const values = Object.entries(fields).map(([field, value]) => `.${field} = ${fieldValue(value, constants)}`);
  return `{ ${values.join(", ")} }`;
}

function fieldValue(field: Field, constants: Constants): string {
  if (typeof field === "number") return integerLiteral(field);
  if ("float" in field) return floatLiteral(field.float);
  return field.values.length === 0 ? "NULL" : constants.add(field.type, field.values);
}
