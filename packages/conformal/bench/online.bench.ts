import { bench, describe } from "vitest";
import { conformalQuantile, uniformStream } from "@parsimony/conformal";
import {
  aci,
  agAci,
  conformalPid,
  dtAci,
  quantileTracker,
  saocp,
  streamingQuantile,
} from "@parsimony/conformal/online";

const uniform = uniformStream(1);
const UPDATES = 1000;
const fresh = Float64Array.from({ length: UPDATES }, uniform);

for (const window of [1e4, 1e5, 1e6]) {
  describe(`${UPDATES} new scores in a window of ${window}, with the quantile after each`, () => {
    const scores = Float64Array.from({ length: window }, uniform);
    const streaming = streamingQuantile({ alpha: 0.1, window, scores });
    bench("streamingQuantile", () => {
      for (const score of fresh) {
        streaming.insert(score);
        streaming.quantile();
      }
    });
    // One new score only: a thousand times the work for the thousand.
    bench("ONE score: conformalQuantile of the window again (selection)", () => {
      conformalQuantile(scores, 0.1);
    });
    bench("ONE score: sorting the window again", () => {
      scores.slice().sort();
    });
  });
}

describe(`${UPDATES} steps, 1e4 calibration scores`, () => {
  const scores = Float64Array.from({ length: 1e4 }, uniform);
  const window = 1e4;
  const methods = [
    aci({ alpha: 0.1, scores, window }),
    dtAci({ alpha: 0.1, scores, window }),
    agAci({ alpha: 0.1, scores, window }),
    quantileTracker({ alpha: 0.1, eta: 0.05 }),
    conformalPid({ alpha: 0.1, eta: 0.05, kI: 1 }),
    saocp({ alpha: 0.1, scale: 1 }),
  ];
  for (const method of methods) {
    bench(method.method, () => {
      for (const score of fresh) method.step(score);
    });
  }
});
