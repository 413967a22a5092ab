import { coverage, meanSetSize } from "@parsimony/conformal";
import {
  type CertifiedConcepts,
  type ConceptModel,
  certifiedCoverage,
  certifyConcepts,
  gaussianNoise,
  pgdAttack,
  type RuleModel,
  ruleCircuit,
  ruleSets,
} from "@parsimony/conformal/rules";
import { loadDigits, pixels } from "./digits.ts";
import { attributes, classes, concepts, digitRules } from "./knowledge.ts";
import { forward, lossAt, type Net, trainNet } from "./net.ts";

export interface PipelineOptions {
  /** Images that the nets are trained on, and passes over them. */
  readonly training: number;
  readonly epochs: number;
  /** Calibration digits, hold-out digits for the certificate, and digits that are attacked. */
  readonly calibration: number;
  readonly holdout: number;
  readonly attacked: number;
  /** Noisy copies of each digit. */
  readonly samples: number;
  readonly sigma: number;
  readonly radius: number;
  readonly alpha: number;
  /** Failure probability of the certificates of one digit. */
  readonly failure: number;
  readonly weight: number;
}

/** How one kind of sets did, with or without rules. */
export interface Outcome {
  readonly name: string;
  readonly accuracy: number;
  /** On clean digits. */
  readonly cleanSize: number;
  /** Certified lower bound on coverage under any attack within the radius. */
  readonly certified: number;
  /** Coverage of digits that were attacked, and the mean size of their sets. */
  readonly underAttack: number;
  readonly attackedSize: number;
}

export interface Nets {
  readonly digit: Net;
  readonly attributes: readonly Net[];
}

/** One net for the digit and one for each attribute, each trained for itself. */
export function trainNets({ training, epochs, sigma }: PipelineOptions): Nets {
  const { images, labels } = loadDigits("train", 0, training);
  const shared = { images, epochs, sigma };
  return {
    digit: trainNet({ ...shared, labels, outputs: classes, hidden: 32, seed: 1 }),
    attributes: Object.values(attributes).map((digits, k) => {
      const answers = labels.map((label) => (digits.includes(label) ? 1 : 0));
      return trainNet({ ...shared, labels: answers, outputs: 1, hidden: 12, seed: 2 + k });
    }),
  };
}

/** Votes: one class of the digit net, yes or no of each attribute net. */
function conceptModels(nets: Nets): ConceptModel[] {
  return [nets.digit, ...nets.attributes].map((net) => (inputs: Float64Array, count: number) => {
    const answers = new Float64Array(count * net.outputs);
    for (let i = 0; i < count; i++) {
      const { probabilities } = forward(net, inputs, i * pixels);
      if (net.outputs === 1) answers[i] = probabilities[0] as number;
      else answers[i * net.outputs + likeliest(probabilities)] = 1;
    }
    return answers;
  });
}

/** An image near the given one on which the noisy digit net does badly. */
export async function attackDigit(net: Net, image: Float64Array, label: number, options: PipelineOptions) {
  const noise = gaussianNoise(12345, image);
  const shifts = Array.from({ length: 16 }, () => image.map(() => options.sigma * noise()));
  const objective = (x: Float64Array) => {
    let value = 0;
    const gradient = new Float64Array(pixels);
    for (const shift of shifts) {
      const copy = lossAt(
        net,
        x.map((grey, k) => grey + (shift[k] as number)),
        label,
      );
      value += copy.value;
      for (let k = 0; k < pixels; k++) (gradient[k] as number) += copy.gradient[k] as number;
    }
    return { value, gradient };
  };
  return (await pgdAttack(image, objective, { radius: options.radius, steps: 10, starts: 2, range: [0, 1] })).point;
}

/** Everything that the nets are asked for: what is left is arithmetic on numbers. */
export interface Evidence {
  readonly calibration: readonly CertifiedConcepts[];
  readonly calibrationLabels: readonly number[];
  readonly holdout: readonly CertifiedConcepts[];
  readonly holdoutLabels: readonly number[];
  readonly attacked: readonly CertifiedConcepts[];
  readonly attackedLabels: readonly number[];
}

/** Trains, certifies calibration and hold-out digits, attacks some of the latter and evaluates what comes out. */
export async function gatherEvidence(options: PipelineOptions, log: (line: string) => void): Promise<Evidence> {
  const { calibration, holdout, attacked, samples, sigma, radius, failure } = options;
  const nets = trainNets(options);
  const models = conceptModels(nets);
  log(`trained on ${options.training} digits`);
  const certify = async (images: readonly Float64Array[]): Promise<CertifiedConcepts[]> => {
    const found: CertifiedConcepts[] = [];
    for (const image of images) {
      found.push(await certifyConcepts(models, image, { samples, sigma, radius, failure, seed: 20240613 }));
    }
    return found;
  };
  const calibrationDigits = loadDigits("t10k", 0, calibration);
  const holdoutDigits = loadDigits("t10k", calibration, holdout);
  const calibrationConcepts = await certify(calibrationDigits.images);
  const holdoutConcepts = await certify(holdoutDigits.images);
  log(`certified ${calibration + holdout} digits with ${samples} noisy copies each`);
  const attackedImages: Float64Array[] = [];
  for (const [i, image] of holdoutDigits.images.slice(0, attacked).entries()) {
    attackedImages.push(await attackDigit(nets.digit, image, holdoutDigits.labels[i] as number, options));
  }
  const attackedConcepts = await certify(attackedImages);
  log(`attacked ${attacked} digits`);
  return {
    calibration: calibrationConcepts,
    calibrationLabels: calibrationDigits.labels,
    holdout: holdoutConcepts,
    holdoutLabels: holdoutDigits.labels,
    attacked: attackedConcepts,
    attackedLabels: holdoutDigits.labels.slice(0, attacked),
  };
}

/** Sets with and without rules, from the same evidence. */
export function compareRules(evidence: Evidence, options: PipelineOptions): Outcome[] {
  const { radius, alpha, failure, weight } = options;
  const { calibration, calibrationLabels, holdout, holdoutLabels, attacked, attackedLabels } = evidence;
  const models: readonly [string, RuleModel][] = [
    ["without rules", ruleCircuit({ concepts, rules: [] })],
    ["with rules", ruleCircuit({ concepts, rules: digitRules(weight) })],
  ];
  return models.map(([name, model]) => {
    const ranges = (all: readonly CertifiedConcepts[], at: number) =>
      all.map((one) => {
        const { lower, upper } = one.atRadius(at);
        return model.bounds(lower, upper);
      });
    // One failure for the clean digit's certificate at the radius, one for the interval at the digit that comes in.
    const robust = ruleSets({ classes, alpha }).calibrateRobust(ranges(calibration, radius), calibrationLabels, {
      failure: 2 * failure,
    });
    const { lower } = certifiedCoverage(robust, ranges(holdout, radius), holdoutLabels, { failure: 2 * failure });
    const sets = (all: readonly CertifiedConcepts[]) => ranges(all, 0).map((bounds) => robust.predictSetWithin(bounds));
    const right = model
      .inferRows(holdout.map(({ estimate }) => estimate))
      .filter((row, i) => likeliest(row.subarray(0, classes)) === holdoutLabels[i]);
    const attackedSets = sets(attacked);
    return {
      name,
      accuracy: right.length / holdout.length,
      cleanSize: meanSetSize(sets(holdout)),
      certified: lower,
      underAttack: coverage(attackedSets, attackedLabels),
      attackedSize: meanSetSize(attackedSets),
    };
  });
}

function likeliest(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}
