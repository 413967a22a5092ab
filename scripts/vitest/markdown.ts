import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import ts from "typescript";

/** What one code block of a page prints, beside what its comments say that it prints. */
export interface BlockResult {
  readonly heading: string;
  readonly printed: readonly string[];
  readonly promised: readonly string[];
}

/**
 * Runs the ```ts blocks of a Markdown page one after the other, each as a module of its own, with the packages of the
 * workspace (and what else `load` gives) for its imports. In a block, `console.log(…); // text` promises what is printed; a loop
 * promises its lines in comments below `// prints`, at the end of the block.
 */
export async function runPage(url: URL, load: (name: string) => Promise<object>): Promise<BlockResult[]> {
  const page = readFileSync(url, "utf8");
  const results: BlockResult[] = [];
  for (const match of page.matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
    const source = match[1] as string;
    const heading = /(?:^|\n)#+ (.*)(?![\s\S]*\n#+ )/.exec(page.slice(0, match.index))?.[1] ?? "";
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
    });
    const names = [...outputText.matchAll(/require\("([^"]+)"\)/g)].map((found) => found[1] as string);
    const modules = new Map(
      await Promise.all(
        names.map(async (name): Promise<[string, object]> => [name, { __esModule: true, ...(await load(name)) }]),
      ),
    );
    const printed: string[] = [];
    const log = (...values: readonly unknown[]): void => {
      printed.push(
        values
          .map((value) => (typeof value === "string" ? value : inspect(value, { breakLength: Infinity, depth: 8 })))
          .join(" "),
      );
    };
    const run = new Function("require", "console", "exports", `return (async () => {${outputText}\n})();`);
    await run((name: string) => modules.get(name), { log }, {});
    const promised = [...source.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map((found) => found[1] as string);
    const lines = /^\/\/ prints\n((?:\/\/ .*\n)+)$/m.exec(source)?.[1] ?? "";
    promised.push(...[...lines.matchAll(/^\/\/ (.*)$/gm)].map((found) => found[1] as string));
    results.push({ heading, printed, promised });
  }
  return results;
}
