import { type CoverageCurvePoint, type ReliabilityBin, calibrationError } from "@parsimony/conformal";
import {
  type ReportSection,
  coverageCurveChart,
  groupCoverageChart,
  lineChart,
  reliabilityChart,
  reportPage,
  setSizeChart,
} from "@parsimony/conformal/report";
import type { MethodResult } from "./evaluate.ts";
import { greyPng } from "./png.ts";

/** A test image with its set. */
export interface Example {
  readonly pixels: Uint8Array;
  readonly label: number;
  readonly set: readonly number[];
  readonly probabilities: readonly number[];
}

export interface Report {
  readonly backend: string;
  readonly seed: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly losses: readonly number[];
  readonly stepsPerPoint: number;
  readonly accuracy: number;
  readonly trained: number;
  readonly calibrated: number;
  readonly tested: number;
  readonly alpha: number;
  readonly results: readonly MethodResult[];
  readonly curve: readonly CoverageCurvePoint[];
  readonly reliability: readonly ReliabilityBin[];
  readonly ambiguous: readonly Example[];
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
const count = (value: number): string => value.toLocaleString("en");

/** The report as one HTML page without outside parts. */
export function renderReport(report: Report): string {
  return reportPage({
    title: "A small network that says when it is not sure",
    sections: [
      training(report),
      comparison(report),
      ...report.results.map((result) => method(result, report.alpha)),
      levels(report),
      digits(report),
    ],
  });
}

function training(report: Report): ReportSection {
  const { losses, stepsPerPoint } = report;
  return {
    paragraphs: [
      `LeNet-300-100 on MNIST: ${count(report.trained)} images to train on, ${count(report.calibrated)} to calibrate on, ` +
        `${count(report.tested)} to test on. Engine: ${report.backend}; seed ${report.seed}.`,
    ],
    facts: [
      ["test accuracy", percent(report.accuracy, 2)],
      ["epochs", String(report.epochs)],
      ["training time", `${report.seconds.toFixed(1)} s`],
      ["images per second", count(Math.round(report.imagesPerSecond))],
    ],
    charts: [
      {
        svg: lineChart([{ x: losses.map((_, i) => (i + 1) * stepsPerPoint), y: losses }], {
          title: "Training loss",
          yLabel: "cross-entropy, log scale",
          log: losses.every((loss) => loss > 0),
        }),
        caption: `Mean over ${stepsPerPoint} steps.`,
      },
      {
        svg: reliabilityChart(report.reliability, { title: "Are the network's own probabilities right?", height: 310 }),
        caption:
          `The most probable digit of each test image; expected calibration error ` +
          `${percent(calibrationError(report.reliability).expected, 2)}. Conformal sets need no such rightness.`,
      },
    ],
  };
}

function comparison({ results, alpha }: Report): ReportSection {
  return {
    title: "One promise, several kinds of sets",
    paragraphs: [
      `All methods promise sets that hold the true digit with probability at least ${percent(1 - alpha)}. The promise is an ` +
        "average over draws of calibration and test images: of single runs such as this one, one in twenty falls outside of the expected range by chance.",
    ],
    table: {
      columns: ["method", "coverage", "expected (95 %)", "labels per set", "empty sets", "worst digit"],
      rows: results.map(({ name, coverage, expected, meanSize, sizes, byClass }) => [
        name,
        percent(coverage, 2),
        expected === undefined ? "by digit" : `${percent(expected.lower, 2)} to ${percent(expected.upper, 2)}`,
        meanSize.toFixed(3),
        count(sizes[0] ?? 0),
        percent(Math.min(...byClass.map((group) => group.coverage))),
      ]),
    },
  };
}

function method(
  { name, explanation, threshold, byLabel, byClass, bySize, sizes }: MethodResult,
  alpha: number,
): ReportSection {
  return {
    title: name,
    paragraphs: [`${explanation} ${byLabel ? "Largest threshold" : "Threshold"} ${threshold.toFixed(4)}.`],
    charts: [
      {
        svg: groupCoverageChart(byClass, { alpha, title: "Coverage of each digit", xLabel: "digit" }),
        caption: byLabel
          ? "The promise holds for each digit by itself."
          : "The dashed line is the promise, which holds on average over all digits.",
      },
      { svg: setSizeChart(sizes), caption: "How many test images got a set of each size." },
      {
        svg: groupCoverageChart(bySize, { alpha, title: "Coverage of sets of each size", xLabel: "labels in the set" }),
        caption: "Empty sets cover nothing. Where a size falls below the line, the average hides it.",
      },
    ],
  };
}

function levels({ curve }: Report): ReportSection {
  return {
    title: "Other levels",
    charts: [
      {
        svg: coverageCurveChart(curve),
        caption: "Coverage of LAC, calibrated for each level; the band is exact (95 %).",
      },
    ],
  };
}

function digits({ ambiguous }: Report): ReportSection {
  return {
    title: "The most ambiguous test digits",
    paragraphs: ["Images with the largest sets of APS, then with the least probable first guess."],
    html: `<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr));gap:1.2rem;margin-top:1rem">${ambiguous.map(digitCard).join("")}</div>`,
  };
}

function digitCard({ pixels, label, set, probabilities }: Example): string {
  const top = probabilities
    .map((probability, digit) => ({ probability, digit }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 3);
  return `
    <figure>
      <img src="${greyPng(pixels, 28, 28)}" alt="a handwritten ${label}" style="width:112px;height:112px;image-rendering:pixelated">
      <figcaption><b>{${set.join(", ")}}</b><br>is a ${label}${set.includes(label) ? "" : " (missed)"}<br>
      <small>${top.map(({ digit, probability }) => `${digit}: ${percent(probability, 0)}`).join(" &middot; ")}</small></figcaption>
    </figure>`;
}
