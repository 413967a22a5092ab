import type { Rule } from "@parsimony/conformal/rules";

/** What is true of each digit as it is usually written, with its opposite, so that rules can say both. */
export const attributes: Readonly<Record<string, readonly number[]>> = {
  loop: [0, 6, 8, 9],
  "no loop": [1, 2, 3, 4, 5, 7],
  even: [0, 2, 4, 6, 8],
  odd: [1, 3, 5, 7, 9],
  straight: [1, 4, 7],
  curved: [0, 2, 3, 5, 6, 8, 9],
};

export const classes = 10;
/** The ten digits first, then the attributes. */
export const concepts: readonly string[] = [
  ...Array.from({ length: classes }, (_, digit) => `digit ${digit}`),
  ...Object.keys(attributes),
];

/** "digit d => attribute", for every attribute that d has. */
export function digitRules(weight: number): Rule[] {
  return Object.entries(attributes).flatMap(([name, digits]) =>
    digits.map((digit) => ({ if: `digit ${digit}`, then: name, weight })),
  );
}
