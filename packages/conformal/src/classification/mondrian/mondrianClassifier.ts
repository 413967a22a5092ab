import { checkGroup, compareGroups, type Group } from "../../base/group.ts";
import { checkLength } from "../../base/checks.ts";
import { ConformalError } from "../../base/errors.ts";
import { type ProbabilityMatrix, openRows } from "../../base/matrix.ts";
import type { ConformalClassifier, ConformalClassifierJSON } from "../classifier.ts";
import { fullSet, type PredictionSet } from "../predictionSet.ts";
import type { SplitClassifier } from "../splitClassifier.ts";

/** Options of `mondrianClassifier`. */
export interface MondrianClassifierOptions {
  /**
   * The group of a row, as a function of its probabilities alone, such as the favourite class or a bin of its
   * probability. Without it, groups are handed in with the rows.
   */
  readonly groupOf?: (row: ArrayLike<number>) => Group;
}

/** A calibrated predictor for each group. */
export interface MondrianClassifier {
  readonly alpha: number;
  /** Number of classes; labels are 0..classes-1. */
  readonly classes: number;
  /** Within each group, that of the method. */
  readonly guarantee: "group-conditional";
  /** The predictor of each group that had calibration rows, in ascending order of the groups, numbers first. */
  readonly groups: ReadonlyMap<Group, ConformalClassifier>;
  /**
   * The set for one row `[classes]`, from the calibration rows of its group. A group without any gets the set of all
   * labels, with the reason `"unseen-group"`; one with too few for the level likewise, `"too-few-calibration"`.
   *
   * @param options `group`: the row's group, where there is no `groupOf`; `u` as in `splitClassifier`
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  predictSet(row: ArrayLike<number>, options?: { readonly group?: Group; readonly u?: number }): PredictionSet;
  /**
   * The sets for the rows of a matrix `[rows, classes]`.
   *
   * @param options `groups`: one for each row, where there is no `groupOf`; `u`: one for each row
   * @throws ConformalError E_PROBS, E_NAN, E_LENGTH, E_RANGE
   */
  predictSets(
    matrix: ProbabilityMatrix,
    options?: { readonly groups?: ArrayLike<Group>; readonly u?: ArrayLike<number> },
  ): PredictionSet[];
  /** Plain data for `JSON.stringify`, from which `mondrianClassifierFromJSON` makes the same predictor. */
  toJSON(): MondrianClassifierJSON;
}

/** A saved `MondrianClassifier`; a `groupOf` has to be handed in again. */
export interface MondrianClassifierJSON {
  readonly kind: "parsimony.conformal.mondrian-classifier";
  readonly version: 1;
  /** Was there a `groupOf`? */
  readonly groupOf: boolean;
  readonly groups: readonly (readonly [Group, ConformalClassifierJSON])[];
}

/**
 * Group-conditional (Mondrian) prediction sets: a method is calibrated within each group, such as a hospital, a device
 * or a kind of row, so that every group gets the coverage, not only their average. A group has to be known when
 * predicting, and must not be chosen by looking at labels. With a method that is itself label-conditional, the
 * guarantee is for every class within every group.
 *
 * @param method what to calibrate within a group
 * @throws ConformalError E_RANGE
 * @see Vovk, Conditional validity of inductive conformal predictors (2012)
 */
export function mondrianClassifier(
  method: SplitClassifier,
  options: MondrianClassifierOptions = {},
): {
  /**
   * Calibrates on rows `[n, classes]` of class probabilities and their true classes `[n]`.
   *
   * @param options `groups`: the group of each row `[n]`, where there is no `groupOf`; `u` as in `splitClassifier`
   * @throws ConformalError E_EMPTY_CALIBRATION, E_LENGTH, E_RANGE, E_PROBS, E_NAN
   */
  calibrate(
    matrix: ProbabilityMatrix,
    labels: ArrayLike<number>,
    options?: { readonly groups?: ArrayLike<Group>; readonly u?: ArrayLike<number> },
  ): MondrianClassifier;
} {
  const { groupOf } = options;
  if (typeof method?.calibrate !== "function") {
    throw new ConformalError("E_RANGE", "mondrianClassifier: method must be a splitClassifier({ ... })");
  }
  return Object.freeze({
    calibrate(
      matrix: ProbabilityMatrix,
      labels: ArrayLike<number>,
      { groups, u }: { readonly groups?: ArrayLike<Group>; readonly u?: ArrayLike<number> } = {},
    ): MondrianClassifier {
      const where = "calibrate";
      const source = openRows(matrix, { where, normalize: false });
      if (source.count === 0) {
        throw new ConformalError("E_EMPTY_CALIBRATION", `${where}: needs at least one calibration row, got none`);
      }
      checkLength(where, "labels", labels.length, source.count);
      if (u !== undefined) checkLength(where, "u", u.length, source.count);
      if (groups !== undefined) checkLength(where, "groups", groups.length, source.count);
      const members = new Map<Group, number[]>();
      for (let i = 0; i < source.count; i++) {
        const group = findGroup(where, source.raw(i), groupOf, groups?.[i], i);
        const list = members.get(group);
        if (list === undefined) members.set(group, [i]);
        else list.push(i);
      }
      const ids = [...members.keys()].sort(compareGroups);
      const calibrated = new Map(
        ids.map((id): [Group, ConformalClassifier] => {
          const indices = members.get(id) as number[];
          const rows = indices.map((i) => source.raw(i) as ArrayLike<number>);
          const own = indices.map((i) => labels[i] as number);
          return [
            id,
            named(id, indices, () =>
              method.calibrate(rows, own, u === undefined ? {} : { u: indices.map((i) => u[i] as number) }),
            ),
          ];
        }),
      );
      return mondrianClassifierFrom(calibrated, groupOf);
    },
  });
}

/** The predictor made of one for each group, at least one. */
export function mondrianClassifierFrom(
  groups: ReadonlyMap<Group, ConformalClassifier>,
  groupOf: ((row: ArrayLike<number>) => Group) | undefined,
): MondrianClassifier {
  const [{ alpha, classes } = { alpha: Number.NaN, classes: 0 }] = groups.values();
  for (const [id, predictor] of groups) {
    checkLength("mondrianClassifier", `rows of group ${JSON.stringify(id)}`, predictor.classes, classes);
  }
  const setOf = (row: ArrayLike<number>, group: Group, u: number | undefined): PredictionSet => {
    const predictor = groups.get(group);
    const options = u === undefined ? {} : { u };
    if (predictor !== undefined) return predictor.predictSet(row, options);
    // Any group's predictor checks the row.
    for (const [, other] of groups) {
      other.predictSet(row, options);
      break;
    }
    return fullSet(classes, "unseen-group");
  };
  return Object.freeze({
    alpha,
    classes,
    guarantee: "group-conditional",
    groups,

    predictSet(
      row: ArrayLike<number>,
      { group, u }: { readonly group?: Group; readonly u?: number } = {},
    ): PredictionSet {
      return setOf(row, findGroup("predictSet", row, groupOf, group), u);
    },

    predictSets(
      matrix: ProbabilityMatrix,
      { groups: ids, u }: { readonly groups?: ArrayLike<Group>; readonly u?: ArrayLike<number> } = {},
    ): PredictionSet[] {
      const where = "predictSets";
      const source = openRows(matrix, { where, normalize: false });
      if (u !== undefined) checkLength(where, "u", u.length, source.count);
      if (ids !== undefined) checkLength(where, "groups", ids.length, source.count);
      return Array.from({ length: source.count }, (_, i) => {
        const row = source.raw(i) as ArrayLike<number>;
        const group = findGroup(where, row, groupOf, ids?.[i], i);
        return named(group, [i], () => setOf(row, group, u?.[i]));
      });
    },

    toJSON: (): MondrianClassifierJSON => ({
      kind: "parsimony.conformal.mondrian-classifier",
      version: 1,
      groupOf: groupOf !== undefined,
      groups: [...groups].map(([id, predictor]) => [id, predictor.toJSON()]),
    }),
  });
}

/** The group of a row, given or by the user's function. */
function findGroup(
  where: string,
  row: ArrayLike<unknown>,
  groupOf: ((row: ArrayLike<number>) => Group) | undefined,
  given: Group | undefined,
  index?: number,
): Group {
  if ((groupOf === undefined) === (given === undefined)) {
    const hint = given === undefined ? "needs a group for each row, or a groupOf" : "has groupOf, so no groups";
    throw new ConformalError("E_RANGE", `${where}: ${hint}`, index);
  }
  const group = groupOf === undefined ? given : groupOf(row as ArrayLike<number>);
  return checkGroup(where, group, index);
}

/** Runs a call for some of the rows; an error says which group it was, and which row of all. */
function named<Result>(group: Group, indices: readonly number[], call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof ConformalError)) throw error;
    const index = indices[error.index ?? (indices.length === 1 ? 0 : -1)];
    throw new ConformalError(error.code, `group ${JSON.stringify(group)}: ${error.message}`, index);
  }
}
