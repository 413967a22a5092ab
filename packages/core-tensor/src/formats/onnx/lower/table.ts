import type { OpAttributes, OpName } from "../../../ops/vocabulary.ts";
import { conversion } from "./conversion.ts";
import { convolution } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import type { OnnxLowering } from "./lowering.ts";
import { movement } from "./movement.ts";
import { pooling } from "./pooling.ts";
import { programs } from "./programs.ts";
import { reduction } from "./reduction.ts";

/** How each primitive is written in ONNX. */
export const lowerings: { readonly [Name in OpName]: OnnxLowering<OpAttributes[Name]> } = {
  ...elementwise,
  ...reduction,
  ...convolution,
  ...pooling,
  ...movement,
  ...conversion,
  ...programs,
};
