// Uses the packages as a stranger would: packs them, installs the tarballs into an empty folder, imports and requires
// every entry, compiles a program that names every entry under strict TypeScript, as ESM and as CommonJS, and runs the
// commands. No engine is installed there, so this also proves that none is needed to load a package.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npm, pack, root, run } from "./workspace.mjs";

const folder = mkdtempSync(join(tmpdir(), "parsimony-smoke-"));
const packed = pack(join(folder, "tarballs"));
const entries = packed.flatMap(({ name, packageJson }) =>
  Object.keys(packageJson.exports)
    .filter((entry) => entry !== "./package.json")
    .map((entry) => name + entry.slice(1)),
);

const write = (file, text) => writeFileSync(join(folder, file), text);

write("package.json", JSON.stringify({ name: "smoke", private: true }));
// The ./testing entries use the peer fast-check, in the version that the workspace tests with.
const fastCheck = JSON.parse(readFileSync(join(root, "node_modules/fast-check/package.json"), "utf8")).version;
npm(
  ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"].concat(
    packed.map(({ tarball }) => tarball),
    `fast-check@${fastCheck}`,
  ),
  { cwd: folder },
);

write(
  "load.mjs",
  `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
let failures = 0;
for (const entry of ${JSON.stringify(entries)}) {
  const added = ["default", "module.exports"];
  const names = (module) => Object.keys(module).filter((name) => !added.includes(name)).sort().join(" ");
  const imported = names(await import(entry));
  const required = names(require(entry));
  const good = imported !== "" && imported === required;
  console.log(good ? "ok  " : "FAIL", entry, good ? imported.split(" ").length + " exports" : { imported, required });
  if (!good) failures += 1;
}
process.exit(failures === 0 ? 0 : 1);
`,
);
run(process.execPath, ["load.mjs"], { cwd: folder });

const program = (importEntry) => {
  const namespaces = entries.map((_, index) => `entry${index}`).join(", ");
  return [...entries.map(importEntry), `export const all = { ${namespaces} };`, ""].join("\n");
};
write(
  "use.mts",
  program((entry, index) => `import * as entry${index} from ${JSON.stringify(entry)};`),
);
write(
  "use.cts",
  program((entry, index) => `import entry${index} = require(${JSON.stringify(entry)});`),
);
const compilerOptions = {
  target: "es2022",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  types: [],
  skipLibCheck: false,
  noEmit: true,
};
write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["use.mts", "use.cts"] }));
run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: folder });
console.log(`ok   ${entries.length} entries compile as ESM and as CommonJS`);

// `npm exec <package>` is what npx does: it finds the package here and runs its only command.
const command = (name, args) => npm(["exec", "--no", "--", name, ...args], { cwd: folder });
for (const { name, packageJson } of packed) {
  if (packageJson.publishConfig?.bin === undefined) continue;
  command(name, ["--version"]);
  console.log(`ok   ${name} runs`);
}
write(
  "model.mjs",
  `import { writeFileSync } from "node:fs";
import { matmul, spec, tensor, trace } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
const double = trace((x) => matmul(x, tensor([[2, 0], [0, 2]])), spec(["batch", 2], "float32", "x"));
writeFileSync("double.onnx", writeOnnx(double));
`,
);
run(process.execPath, ["model.mjs"], { cwd: folder });
command("@parsimony/core-tensor", ["inspect", "double.onnx", "--dims", "batch=3"]);

rmSync(folder, { recursive: true, force: true });
