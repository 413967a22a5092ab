import type { OperatorReader, OperatorTable } from "../context.ts";
import { unsupported } from "../unsupported.ts";
import { activation } from "./activation.ts";
import { control } from "./control.ts";
import { convolutions } from "./convolution.ts";
import { creation } from "./creation.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { linalg } from "./linalg.ts";
import { movement } from "./movement.ts";
import { normalization } from "./normalization.ts";
import { padding } from "./padding.ts";
import { pooling } from "./pooling.ts";
import { quantization } from "./quantization.ts";
import { recurrent } from "./recurrent.ts";
import { reductions } from "./reduction.ts";
import { resizing } from "./resize.ts";

/** The operators of the standard set that can be read. */
const standard: OperatorTable = {
  ...elementwise,
  ...activation,
  ...reductions,
  ...linalg,
  ...convolutions,
  ...pooling,
  ...normalization,
  ...movement,
  ...padding,
  ...resizing,
  ...indexing,
  ...creation,
  ...quantization,
  ...recurrent,
  ...control,
};

/** The reader of an operator. Throws UnsupportedNode where there is none. */
export function readerOf(domain: string, opType: string): OperatorReader {
  const reader = domain === "" && Object.hasOwn(standard, opType) ? standard[opType] : undefined;
  return (
    reader ??
    unsupported(domain === "" ? "this operator is not supported" : `the operator set "${domain}" is not supported`)
  );
}
