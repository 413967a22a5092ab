import type { OperatorReader, OperatorRow, OperatorRows } from "../node.ts";
import { conversion } from "./conversion.ts";
import { convolution } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { movement } from "./movement.ts";
import { padding } from "./padding.ts";
import { reduction } from "./reduction.ts";
import { stridedSlice } from "./stridedSlice.ts";
import { windows } from "./windows.ts";

const rows: OperatorRows = {
  ...conversion,
  ...convolution,
  ...elementwise,
  ...movement,
  ...padding,
  ...reduction,
  ...windows,
  STRIDED_SLICE: stridedSlice,
};

/** How an operator is read; undefined for those that cannot be. A new one is one row of its family. */
export function operatorRow(kind: string): OperatorRow | undefined {
  const row: OperatorReader | OperatorRow | undefined = Object.hasOwn(rows, kind) ? rows[kind] : undefined;
  return typeof row === "function" ? { read: row } : row;
}

/** The operators that can be read. */
export const operatorKinds: readonly string[] = Object.keys(rows).sort();
