import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** A figure as self-contained SVG text. Plot draws into a document; linkedom is one without a browser. */
export function chart(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const figure = Plot.plot({
    document: document as Plot.PlotOptions["document"],
    width: 560,
    height: 260,
    marginLeft: 50,
    ...options,
  });
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return figure.outerHTML;
}

/** The loss of each chunk of steps. */
export function lossCurve(losses: readonly number[], stepsPerPoint: number): string {
  const points = losses.map((loss, i) => ({ step: (i + 1) * stepsPerPoint, loss }));
  return chart({
    x: { label: "step" },
    y: { label: "training loss (cross-entropy, log scale)", type: "log", grid: true, tickFormat: "~g" },
    marks: [Plot.lineY(points, { x: "step", y: "loss", stroke: "#2b6cb0" })],
  });
}

/** Coverage of each class against the promise. */
export function coverageBars(byClass: readonly number[], promised: number): string {
  const bars = byClass.map((coverage, digit) => ({ digit: String(digit), coverage }));
  return chart({
    x: { label: "digit", type: "point" },
    y: { label: "coverage", domain: [Math.min(0.7, ...byClass), 1], grid: true, tickFormat: "%" },
    marks: [
      Plot.ruleX(bars, { x: "digit", y1: promised, y2: "coverage", stroke: "#a0aec0" }),
      Plot.dot(bars, { x: "digit", y: "coverage", r: 5, fill: "#2b6cb0" }),
      Plot.ruleY([promised], { stroke: "#c53030", strokeDasharray: "4 3" }),
    ],
  });
}

/** How many test images got a set of each size. */
export function sizeHistogram(counts: readonly number[]): string {
  const bars = counts
    .map((count, size) => ({ size: String(size), count }))
    .filter(({ count }, size) => count > 0 || size <= 3);
  return chart({
    x: { label: "labels in the set", type: "band" },
    y: { label: "test images", grid: true },
    marks: [
      Plot.barY(bars, { x: "size", y: "count", fill: "#2b6cb0" }),
      Plot.text(bars, { x: "size", y: "count", text: "count", dy: -7 }),
    ],
  });
}
