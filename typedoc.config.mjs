import { join } from "node:path";
import { packages } from "./scripts/workspace.mjs";

/** Every public entry of every package is a module of the documentation. */
const entryPoints = packages().flatMap(({ directory, packageJson }) =>
  Object.values(packageJson.exports)
    .map((target) => target["@parsimony/source"])
    .filter((source) => source !== undefined)
    .map((source) => join(directory, source)),
);

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "Parsimony",
  entryPoints,
  tsconfig: "tsconfig.json",
  out: "docs/api",
  excludeInternal: true,
  excludePrivate: true,
  readme: "README.md",
  validation: { invalidLink: true, notExported: false },
};
