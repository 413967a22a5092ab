import type { CellType } from "../../../network/network.ts";

/** How one text serves cells of both types. */
export interface Variant {
  readonly type: CellType;
  /** End of the functions' names. */
  readonly suffix: "f32" | "s8";
  /** C type of a cell. */
  readonly cell: "float" | "int8_t";
  /** C type in which products are added up. */
  readonly sum: "float" | "int32_t";
  readonly bias: "float" | "int32_t";
}

export const variants: Readonly<Record<CellType, Variant>> = {
  float32: { type: "float32", suffix: "f32", cell: "float", sum: "float", bias: "float" },
  int8: { type: "int8", suffix: "s8", cell: "int8_t", sum: "int32_t", bias: "int32_t" },
};

/** A function of the generated program, and the names of those that it calls. */
export interface CFunction {
  readonly name: string;
  readonly text: string;
  readonly needs: readonly CFunction[];
  /** Does it call libm? */
  readonly math?: boolean;
}

/** Every function once, those that are called before those that call them. */
export function inOrder(functions: readonly CFunction[]): readonly CFunction[] {
  const found = new Map<string, CFunction>();
  const visit = (each: CFunction): void => {
    if (found.has(each.name)) return;
    for (const needed of each.needs) visit(needed);
    found.set(each.name, each);
  };
  for (const each of functions) visit(each);
  return [...found.values()];
}
