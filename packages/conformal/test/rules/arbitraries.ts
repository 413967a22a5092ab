import fc from "fast-check";
import type { Rule } from "../../src/rules/rule.ts";

export const names = (size: number): string[] => Array.from({ length: size }, (_, i) => `c${i}`);

export interface RuleCase {
  readonly concepts: string[];
  readonly rules: Rule[];
  readonly p: number[];
  readonly lower: number[];
  readonly upper: number[];
}

/** Concepts, random Horn rules, a point and a box around it. */
export function ruleCases(options: {
  max: number;
  weight?: fc.Arbitrary<number>;
  single?: boolean;
}): fc.Arbitrary<RuleCase> {
  const { max, single = false, weight = fc.double({ min: 0, max: 5, noNaN: true }) } = options;
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.integer({ min: 2, max }).chain((size) => {
    const concept = fc.integer({ min: 0, max: size - 1 });
    const rule = fc.record({
      body: fc.uniqueArray(concept, { minLength: 1, maxLength: single ? 1 : 3 }),
      head: concept,
      weight,
    });
    return fc
      .record({
        rules: fc.array(rule, { maxLength: 2 * size }),
        rows: fc.array(fc.tuple(fc.double({ min: 0.001, max: 0.999, noNaN: true }), unit, unit), {
          minLength: size,
          maxLength: size,
        }),
      })
      .map(({ rules, rows }) => ({
        concepts: names(size),
        rules: rules.map(({ body, head, weight: w }) => ({
          if: body.map((k) => `c${k}`),
          then: `c${head}`,
          weight: w,
        })),
        p: rows.map((row) => row[0]),
        lower: rows.map(([p, a]) => p * a),
        upper: rows.map(([p, , b]) => Math.max(p, 1 - (1 - p) * b)),
      }));
  });
}
