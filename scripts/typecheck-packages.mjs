// Checks every package's sources under its own tsconfig, which is stricter than the root one: declarations must follow
// from the sources alone, as the build needs them to.
import { join } from "node:path";
import { packages, root, run } from "./workspace.mjs";

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

for (const { directory } of packages()) run(process.execPath, [tsc, "--noEmit", "-p", directory]);
