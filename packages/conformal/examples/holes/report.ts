import type { ESTreeNode, TreeSet } from "@parsimony/conformal/tree";
import type { Prediction } from "./predictions.ts";
import type { StudyRow } from "./study.ts";

export interface Shown {
  readonly prediction: Prediction;
  readonly set: TreeSet<ESTreeNode>;
  readonly right: boolean;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export function rowText({ maxHoles, alpha, kept, error, misled, draws, asPromised }: StudyRow): string {
  return (
    `at most ${maxHoles} hole${maxHoles === 1 ? "" : "s"}, alpha = ${alpha}: keeps ${percent(kept)} of the nodes, ` +
    `error ${percent(error)}, above alpha after ${misled} of ${draws} calibrations: ${asPromised ? "as promised" : "BROKEN"}`
  );
}

export function shownText({ prediction, set, right }: Shown): string {
  const lines = (text: string): string => text.replace(/\s+/g, " ");
  return [
    `  truth   ${lines(prediction.truth)}`,
    `  model   ${lines(prediction.guess)}`,
    `  kept    ${lines(set.render())}   ${right ? "right" : "WRONG"}`,
  ].join("\n");
}

/** A page of its own, with holes marked in colour. */
export function htmlReport(title: string, rows: readonly StudyRow[], shown: readonly Shown[]): string {
  const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const hole = "\u0000";
  const code = (text: string): string => `<pre>${escaped(text).replaceAll(hole, "<mark>□</mark>")}</pre>`;
  const items = shown.map(
    ({ prediction, set, right }) =>
      `<tr><td>${code(prediction.truth)}</td><td>${code(prediction.guess)}</td>` +
      `<td>${code(set.render({ hole }))}</td><td>${right ? "right" : "wrong"}</td></tr>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title>
<style>td { vertical-align: top; padding: 0.3em 1em; border-top: 1px solid #ccc } mark { background: #fc6 }</style>
<h1>${escaped(title)}</h1>
<ul>${rows.map((row) => `<li>${escaped(rowText(row))}</li>`).join("\n")}</ul>
<table><tr><th>in the package</th><th>model</th><th>kept</th><th></th></tr>
${items.join("\n")}
</table>
`;
}
