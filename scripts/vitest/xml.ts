/** An element of a parsed document. */
export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

/** Reads XML strictly, without namespaces or DTDs: throws for anything that isn't well-formed. */
export function parseXml(source: string): Node {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/u.test(source))
    throw new Error("forbidden character");
  const root: Node = { name: "", attributes: {}, children: [], text: "" };
  const open: Node[] = [root];
  let at = 0;
  const tag = /<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>/y;
  while (at < source.length) {
    const here = open.at(-1) as Node;
    if (source[at] !== "<") {
      const end = source.indexOf("<", at);
      here.text += unescapeXml(source.slice(at, end < 0 ? source.length : end));
      at = end < 0 ? source.length : end;
      continue;
    }
    tag.lastIndex = at;
    const match = tag.exec(source);
    if (match === null) throw new Error(`not well-formed at ${source.slice(at, at + 60)}`);
    const [all, closes, name = "", list = "", empty] = match;
    at += all.length;
    if (closes) {
      if (open.pop()?.name !== name || open.length === 0) throw new Error(`unexpected </${name}>`);
      continue;
    }
    const pairs = [...list.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
      key,
      unescapeXml(value),
    ]);
    if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`attribute twice in <${name}>`);
    const node: Node = {
      name,
      attributes: Object.fromEntries(pairs) as Record<string, string>,
      children: [],
      text: "",
    };
    here.children.push(node);
    if (!empty) open.push(node);
  }
  if (open.length > 1 || root.children.length !== 1 || root.text !== "") throw new Error("not one element");
  return root.children[0] as Node;
}

const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function unescapeXml(text: string): string {
  return text.replace(/&([^;]*);?/g, (all, name: string) => {
    const value = names[name];
    if (value === undefined || !all.endsWith(";")) throw new Error(`unknown entity ${all}`);
    return value;
  });
}

/** The element and all within it. */
export function descendants(node: Node): Node[] {
  return [node, ...node.children.flatMap(descendants)];
}

/** The points of absolute path data (M, L, H, V, Z and relative h, v). */
export function pathPoints(data: string): [number, number][] {
  const points: [number, number][] = [];
  let [x, y] = [0, 0];
  for (const [, command = "", rest = ""] of data.matchAll(/([MLHVZhv])([^MLHVZhv]*)/g)) {
    const numbers =
      rest.trim() === ""
        ? []
        : rest
            .trim()
            .split(/[\s,]+/)
            .map(Number);
    if (command === "M" || command === "L") [x, y] = numbers as [number, number];
    else if (command === "H") x = numbers[0] as number;
    else if (command === "V") y = numbers[0] as number;
    else if (command === "h") x += numbers[0] as number;
    else if (command === "v") y += numbers[0] as number;
    points.push([x, y]);
  }
  return points;
}
