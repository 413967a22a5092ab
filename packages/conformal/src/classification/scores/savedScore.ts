import { decodeNumber, encodeNumber, type JsonNumber } from "../../base/json.ts";
import { ConformalError } from "../../base/errors.ts";
import { readRecord } from "../../base/savedRecord.ts";
import { aps } from "./aps.ts";
import { lac } from "./lac.ts";
import { margin } from "./margin.ts";
import { ordinalAps } from "./ordinalAps.ts";
import { raps } from "./raps.ts";
import { saps } from "./saps.ts";
import { checkScore, type ClassificationScore } from "./score.ts";
import { topK } from "./topK.ts";

/** A score in a saved predictor. */
export interface SavedScore {
  /** Name of the score. */
  readonly score: string;
  /** What it was made with, for a score that has options. */
  readonly scoreOptions?: Readonly<Record<string, JsonNumber>>;
}

const makers: Readonly<Record<string, (options: Readonly<Record<string, number>>) => ClassificationScore>> = {
  lac: () => lac,
  margin: () => margin,
  aps: () => aps(),
  "aps-deterministic": () => aps({ randomized: false }),
  raps: (options) => raps(options),
  "raps-deterministic": (options) => raps({ ...options, randomized: false }),
  saps: (options) => saps(options),
  topK: () => topK(),
  "topK-deterministic": () => topK({ randomized: false }),
  ordinalAps: () => ordinalAps(),
  "ordinalAps-deterministic": () => ordinalAps({ randomized: false }),
};

/** The members of a saved predictor that name its score. */
export function saveScore(score: ClassificationScore): SavedScore {
  const { name, options } = score;
  return options === undefined ? { score: name } : { score: name, scoreOptions: mapNumbers(options, encodeNumber) };
}

/**
 * The score of a saved predictor: one of this package's by its name, or the one given again, whose name and options
 * must be the saved ones.
 */
export function findScore(
  where: string,
  saved: Readonly<Record<string, unknown>>,
  given: ClassificationScore | undefined,
): ClassificationScore {
  const { score: name, scoreOptions = {} } = saved;
  const options = mapNumbers(readRecord(where, "scoreOptions", scoreOptions), (value) =>
    decodeNumber(where, "scoreOptions", value),
  );
  if (given !== undefined) {
    checkScore(where, given);
    const same = (entries: object): string => JSON.stringify(Object.entries(entries).sort());
    if (given.name === name && same(given.options ?? {}) === same(options)) return given;
  } else if (typeof name === "string" && Object.hasOwn(makers, name)) {
    return (makers[name] as (typeof makers)[string])(options);
  }
  const names = given === undefined ? Object.keys(makers).join(", ") : given.name;
  throw new ConformalError(
    "E_JSON",
    `${where}: saved with score ${JSON.stringify(name)} and options ${JSON.stringify(options)}, but have only ${names}`,
  );
}

function mapNumbers<From, To>(
  values: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
