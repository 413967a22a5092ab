import type { Frame } from "./frame.ts";
import { element } from "./svg.ts";
import { hundredth } from "./text.ts";

/** A dashed line across the frame, level at the position `y`: a value that is promised, wanted or compared with. */
export function levelLine(frame: Frame, y: number): string {
  return element("path", { class: "pc-promise", d: `M${frame.left} ${hundredth(y)}H${frame.right}` });
}

/** A dashed line from the bottom to the top of the frame, at the position `x`. */
export function uprightLine(frame: Frame, x: number): string {
  return element("path", { class: "pc-promise", d: `M${hundredth(x)} ${frame.bottom}V${frame.top}` });
}

/** A vertical interval with small caps. */
export function whisker(x: number, y1: number, y2: number, cap = 4, line = "pc-line1"): string {
  const [a, b, left, right] = [y1, y2, x - cap, x + cap].map(hundredth);
  return element("path", {
    class: line,
    d: `M${left} ${a}H${right}M${left} ${b}H${right}M${hundredth(x)} ${a}V${b}`,
  });
}
