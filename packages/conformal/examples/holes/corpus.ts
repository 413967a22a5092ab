import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { type Node, type Program, parse } from "acorn";

/** One file each of bundled sources, not minified. Both packages are under the MIT licence. */
const FILES: Readonly<Record<string, string>> = { acorn: "dist/acorn.mjs", "fast-check": "lib/fast-check.js" };

export const PARSER = {
  ecmaVersion: "latest",
  sourceType: "module",
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
} as const;

/** Source texts of the top-level statements of installed packages, in order. */
export function readCorpus(packages: readonly string[]): string[] {
  const { resolve } = createRequire(import.meta.url);
  return packages.flatMap((name) => {
    const folder = resolve(`${name}/package.json`).replace(/package\.json$/, "");
    const source = readFileSync(folder + FILES[name], "utf8");
    const statements = parse(source, PARSER).body.filter(({ type }) => !/^(Ex|Im)port/.test(type));
    return statements.map(({ start, end }) => source.slice(start, end));
  });
}

/** The largest statements within each part that have a fitting number of tokens and parse on their own. */
export function statementsOf(part: string, least: number, most: number): string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (/(Statement|VariableDeclaration)$/.test(node.type)) {
      const text = part.slice(node.start, node.end);
      // Cheap bounds first: a token has at least one character, and rarely more than twenty.
      const tokens = text.length < least || text.length > 20 * most ? 0 : (parseTokens(text)?.length ?? 0);
      if (tokens >= least && tokens <= most) {
        found.push(text);
        return;
      }
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (typeof child === "object" && child !== null && "type" in child && "start" in child) visit(child as Node);
      }
    }
  };
  visit(parse(part, PARSER));
  return found;
}

/** A token of source text. */
export interface SourceToken {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What may stand in its place: another token of this kind leaves the text a program, as a rule. */
  readonly kind: "name" | "member" | "number" | "string" | "operator" | "fixed";
}

const KINDS = new Set(["name", "member", "number", "string", "operator"]);

/** Tokens of a text that is a program by itself, else undefined. */
export function parseTokens(text: string): SourceToken[] | undefined {
  const tokens: SourceToken[] = [];
  if (parseProgram(text, tokens) === undefined) return undefined;
  return tokens;
}

export function parseProgram(text: string, tokens?: SourceToken[]): Program | undefined {
  try {
    const onToken = ({
      type,
      start,
      end,
    }: {
      type: { label: string; binop: number | null };
      start: number;
      end: number;
    }) => {
      const token = { text: text.slice(start, end), start, end };
      const operator = type.binop !== null && /^[^a-z]+$/.test(token.text);
      const member = type.label === "name" && /\.\s*$/.test(text.slice(Math.max(0, start - 40), start));
      const kind = operator ? "operator" : member ? "member" : type.label === "num" ? "number" : type.label;
      if (end > start) {
        tokens?.push({ ...token, kind: KINDS.has(kind) ? (kind as SourceToken["kind"]) : "fixed" });
      }
    };
    return parse(text, tokens === undefined ? PARSER : { ...PARSER, onToken: onToken as never });
  } catch {
    return undefined;
  }
}
