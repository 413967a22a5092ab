import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runPage } from "./markdown.ts";

const textOf = (page: URL): string => readFileSync(page, "utf8");
const nameOf = (page: URL): string => page.pathname.split("/").at(-1) as string;

/**
 * The tests of a package's README and of the pages in its `docs/`: every example runs and prints what it promises, every
 * exported name (types too) is named somewhere, links lead to files and headings, files that are named exist.
 *
 * @param packageFolder with a slash at its end.
 * @param load imports a module by the name that users write, from where the caller stands.
 */
export function testPages(packageFolder: URL, load: (module: string) => Promise<object>): void {
  const folder = new URL("docs/", packageFolder);
  const pages = ["../README.md", ...readdirSync(folder)].map((name) => new URL(name, folder));
  const { name: packageName, exports } = JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")) as {
    name: string;
    exports: Record<string, { readonly "@parsimony/source": string }>;
  };
  const entries = Object.entries(exports).filter(([path]) => !path.endsWith(".json"));

  // Pages open files as a user does, who has the packages that they name in node_modules.
  const before = process.cwd();
  beforeAll(() => process.chdir(fileURLToPath(packageFolder)));
  afterAll(() => process.chdir(before));

  test.each(pages.map((page) => [nameOf(page), page] as const))("examples of %s", async (_, page) => {
    const blocks = await runPage(page, load);
    expect(blocks.length).toBeGreaterThan(0);
    for (const { heading, printed, promised } of blocks) {
      expect({ heading, printed }).toEqual({ heading, printed: promised });
    }
  });

  describe("the pages name every export", () => {
    const text = pages.map(textOf).join("\n");
    const missing = (names: readonly string[]): string[] =>
      names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));

    test.each(entries)("values of %s", async (path) => {
      const names = Object.keys(await load(packageName + path.slice(1)));
      expect(names.length).toBeGreaterThan(0);
      expect(missing(names)).toEqual([]);
    });

    test.each(entries)("types of %s", (_, { "@parsimony/source": source }) => {
      expect(missing(exportedNames(new URL(source, packageFolder)))).toEqual([]);
    });
  });

  describe("links", () => {
    test("README.md leads to every page", () => {
      const readme = textOf(new URL("README.md", packageFolder));
      for (const page of readdirSync(folder)) expect(readme).toContain(`](docs/${page})`);
    });

    test.each(pages.map((page) => [nameOf(page), page] as const))("of %s lead to files and headings", (_, page) => {
      const targets = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((found) => found[1] as string);
      for (const target of targets) {
        const url = new URL(target, page);
        expect([target, existsSync(new URL(url.pathname, url))]).toEqual([target, true]);
        if (url.hash !== "") expect(headings(new URL(url.pathname, url))).toContain(url.hash.slice(1));
      }
    });

    test.each(pages.map((page) => [nameOf(page), page] as const))("of %s: files that it names exist", (_, page) => {
      const paths = new RegExp(
        `(?:\`|packages/${basename(packageFolder.pathname)}/)((?:examples|bench|test|src|scripts)/[\\w./-]*\\w)`,
        "g",
      );
      for (const [, path] of textOf(page).matchAll(paths)) {
        expect([path, existsSync(new URL(path as string, packageFolder))]).toEqual([path, true]);
      }
    });
  });
}

/** Names in the export lists of an entry and of the doors that it opens, types included. */
function exportedNames(door: URL): string[] {
  const source = textOf(door);
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map((found) => found[1] as string);
  const own = lists.flatMap((list) => list.split(",").map((name) => name.replace(/\btype\b/, "").trim()));
  const others = [...source.matchAll(/^export \* from "([^"]+)"/gm)].map((found) => found[1] as string);
  return [...own.filter((name) => name !== ""), ...others.flatMap((path) => exportedNames(new URL(path, door)))];
}

/** Headings as GitHub makes fragments of them. */
function headings(page: URL): string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map((found) =>
    (found[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
