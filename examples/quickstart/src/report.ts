import { coverageBars, lossCurve, sizeHistogram } from "./chart.ts";
import { greyPng } from "./png.ts";

/** What one conformal score achieved on the test set. */
export interface ScoreResult {
  readonly name: string;
  readonly explanation: string;
  readonly coverage: number;
  /** Where the coverage falls with probability 0.95 if the promise holds. */
  readonly expected: { readonly lower: number; readonly upper: number };
  readonly byClass: readonly number[];
  readonly sizes: readonly number[];
  readonly meanSize: number;
  readonly threshold: number;
}

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
  readonly scores: readonly ScoreResult[];
  readonly ambiguous: readonly Example[];
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

function scoreSection(score: ScoreResult, alpha: number): string {
  const inside = score.coverage >= score.expected.lower && score.coverage <= score.expected.upper;
  return `
  <section>
    <h2>${score.name}</h2>
    <p>${score.explanation} Threshold ${score.threshold.toFixed(4)}.</p>
    <p class="note">The promise is an average over draws of calibration and test images; of single runs such as this one, one in
    twenty falls outside of the expected range by chance.</p>
    <dl>
      <div><dt>coverage on the test set</dt><dd>${percent(score.coverage, 2)}</dd></div>
      <div><dt>promised</dt><dd>&ge; ${percent(1 - alpha)}</dd></div>
      <div><dt>expected range (95 %)</dt><dd>${percent(score.expected.lower, 2)} to ${percent(score.expected.upper, 2)}</dd></div>
      <div><dt>observed is</dt><dd>${inside ? "inside" : score.coverage > score.expected.upper ? "above" : "below"}</dd></div>
      <div><dt>labels per set</dt><dd>${score.meanSize.toFixed(3)}</dd></div>
    </dl>
    <div class="pair">
      <figure>${coverageBars(score.byClass, 1 - alpha)}<figcaption>Coverage by digit; the dashed line is the promise, which holds on average over all digits.</figcaption></figure>
      <figure>${sizeHistogram(score.sizes)}<figcaption>Sizes of the prediction sets.</figcaption></figure>
    </div>
  </section>`;
}

function digitCard({ pixels, label, set, probabilities }: Example): string {
  const top = probabilities
    .map((probability, digit) => ({ probability, digit }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 3);
  return `
    <figure class="digit">
      <img src="${greyPng(pixels, 28, 28)}" alt="a handwritten ${label}">
      <figcaption><b>{${set.join(", ")}}</b><br>is a ${label}${set.includes(label) ? "" : " (missed)"}<br>
      <small>${top.map(({ digit, probability }) => `${digit}: ${percent(probability, 0)}`).join(" &middot; ")}</small></figcaption>
    </figure>`;
}

/** The report as one HTML page without outside parts. */
export function renderReport(report: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MNIST: a small network that says when it is not sure</title>
<style>
  :root { color-scheme: light; }
  body { font: 16px/1.5 system-ui, sans-serif; color: #1a202c; background: #fff; max-width: 1180px; margin: 2rem auto; padding: 0 1.5rem; }
  h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { margin-top: 2.4rem; border-top: 1px solid #e2e8f0; padding-top: 1.2rem; }
  dl { display: flex; flex-wrap: wrap; gap: .8rem 2.2rem; } dt { color: #718096; font-size: .85rem; } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
  .pair { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; } figcaption { color: #4a5568; font-size: .85rem; max-width: 34rem; }
  .digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 1.2rem; }
  .digit img { width: 112px; height: 112px; image-rendering: pixelated; border: 1px solid #e2e8f0; } svg { max-width: 100%; height: auto; }
  small, .note { color: #718096; } .note { font-size: .85rem; }
</style>
</head>
<body>
<h1>A small network that says when it is not sure</h1>
<p>LeNet-300-100 on MNIST: ${report.trained.toLocaleString("en")} images to train on, ${report.calibrated.toLocaleString("en")} to calibrate on,
${report.tested.toLocaleString("en")} to test on. Engine: ${report.backend}; seed ${report.seed}.</p>
<dl>
  <div><dt>test accuracy</dt><dd>${percent(report.accuracy, 2)}</dd></div>
  <div><dt>epochs</dt><dd>${report.epochs}</dd></div>
  <div><dt>training time</dt><dd>${report.seconds.toFixed(1)} s</dd></div>
  <div><dt>images per second</dt><dd>${Math.round(report.imagesPerSecond).toLocaleString("en")}</dd></div>
</dl>
<figure>${lossCurve(report.losses, report.stepsPerPoint)}<figcaption>Training loss, mean over ${report.stepsPerPoint} steps.</figcaption></figure>
${report.scores.map((score) => scoreSection(score, report.alpha)).join("")}
<section>
  <h2>The most ambiguous test digits</h2>
  <p>Images with the largest sets (by the adaptive score), then with the least probable first guess.</p>
  <div class="digits">${report.ambiguous.map(digitCard).join("")}</div>
</section>
</body>
</html>
`;
}
