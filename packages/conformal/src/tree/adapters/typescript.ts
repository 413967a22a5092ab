import type { Span, TreeAdapter } from "../adapter.ts";

/** What the adapter needs of a node of the TypeScript compiler. */
export interface TypeScriptNode {
  readonly kind: number;
  readonly pos: number;
  readonly end: number;
  getStart(): number;
}

/** What the adapter needs of the TypeScript module: hand in `import ts from "typescript"`. */
export interface TypeScriptModule<N extends TypeScriptNode> {
  forEachChild<R>(node: N, visit: (child: N) => R | undefined): R | undefined;
  /** The enumeration of node kinds. */
  readonly SyntaxKind: object;
  /** The enumeration of node flags. */
  readonly NodeFlags: { readonly BlockScoped: number };
}

/** Plain values of nodes that are part of what the program says: operators and keywords that are no child nodes. */
const VALUES = ["operator", "token", "keywordToken", "isTypeOnly", "isTypeOf", "isExportEquals", "phaseModifier"];

/**
 * Reads syntax trees of the TypeScript compiler (5.x), with the `ts` module that made them, so that this package needs
 * none. Parse with `setParentNodes` true (the fourth argument of `ts.createSourceFile`): spans need it. The label is
 * the kind, the text of a leaf, operators, and which properties hold a node or a list. A span starts at the first token,
 * behind space and comments; that of the source file is the whole text.
 */
export function typescriptAdapter<N extends TypeScriptNode>(ts: TypeScriptModule<N>): TreeAdapter<N> {
  const kinds = new Map<unknown, string>();
  // Several names share a number: the first one is the kind's own.
  for (const [name, kind] of Object.entries(ts.SyntaxKind)) if (!kinds.has(kind)) kinds.set(kind, name);

  const children = (node: N): readonly N[] => {
    const found: N[] = [];
    ts.forEachChild(node, (child) => {
      found.push(child);
      return undefined;
    });
    return found;
  };

  return Object.freeze({
    children,
    label(node: N): string {
      const found = new Set<unknown>(children(node));
      const words = [kinds.get(node.kind) ?? String(node.kind)];
      const { text, flags = 0 } = node as { readonly text?: unknown; readonly flags?: number };
      if (found.size === 0 && typeof text === "string") words.push(JSON.stringify(text));
      if (kinds.get(node.kind) === "VariableDeclarationList") words.push(`flags=${flags & ts.NodeFlags.BlockScoped}`);
      for (const key of Object.keys(node).sort()) {
        const value = (node as Readonly<Record<string, unknown>>)[key];
        if (found.has(value)) words.push(key);
        else if (isNodeList(value, found)) words.push(`${key}*`);
        else if (VALUES.includes(key) && value !== undefined && value !== false) words.push(`${key}=${String(value)}`);
      }
      return words.join(" ");
    },
    span: (node: N): Span => ({
      start: kinds.get(node.kind) === "SourceFile" ? node.pos : node.getStart(),
      end: node.end,
    }),
  });
}

/** An array of children; the compiler gives positions to its lists, empty ones too, and to nothing else that is one. */
function isNodeList(value: unknown, children: ReadonlySet<unknown>): boolean {
  if (!Array.isArray(value)) return false;
  return value.length === 0 ? typeof (value as { pos?: unknown }).pos === "number" : children.has(value[0]);
}
