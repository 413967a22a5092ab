import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** A package's entries by the name that users write, with the source that serves each. */
interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly "@parsimony/source": string }>>;
}

const root = new URL("../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as Manifest;

test("what each entry exports is on record: api.txt changes only on purpose (vitest run -u)", async () => {
  const sections: string[] = [];
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const module = (await import(new URL(target["@parsimony/source"], root).href)) as object;
    const names = Object.keys(module).sort();
    expect(names, entry).not.toEqual([]);
    sections.push([`# ${entry}`, ...names].join("\n"));
  }
  await expect(`${sections.join("\n\n")}\n`).toMatchFileSnapshot("./api.txt");
});
