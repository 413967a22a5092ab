// Which files may import which: no circles anywhere, and inside core-tensor one direction,
//   tensor <- ops <- graph <- {backends, formats} <- {inspect, jit} <- {nn, optim} <- {cli, testing}.
// Type-only imports count: a circle of types is a circle of ideas.
const layers = ["tensor", "ops", "graph", "backends|formats", "inspect|jit", "nn|optim", "cli|testing"];

const coreTensorLayers = layers.slice(0, -1).map((layer, index) => ({
  name: `core-tensor-${layer.replace("|", "-")}-imports-downward`,
  comment: `${layer} may import only itself and what stands to its left in ${layers.join(" <- ")}`,
  severity: "error",
  from: { path: `^packages/core-tensor/src/(${layer})(/|\\.ts$)` },
  to: { path: `^packages/core-tensor/src/(${layers.slice(index + 1).join("|")})(/|\\.ts$)` },
}));

// Inside conformal: base <- quantile <- the methods, which don't know each other, <- report, testing.
const methods = "classification|regression|predictive|detection|risk|online|batch|rules|tree|metrics";
const conformalLayers = [
  ["base", `quantile|${methods}|report|testing`],
  ["quantile", `${methods}|report|testing`],
  ...methods
    .split("|")
    .map((method) => [
      method,
      [...methods.split("|").filter((other) => other !== method), "report", "testing"].join("|"),
    ]),
  ["report", "testing"],
].map(([layer, above]) => ({
  name: `conformal-${layer}-imports-downward`,
  comment: "base <- quantile <- the methods, which do not import each other <- report <- testing",
  severity: "error",
  from: { path: `^packages/conformal/src/${layer}/` },
  to: { path: `^packages/conformal/src/(${above})/` },
}));

// Inside lottery: base <- mask <- {criteria, train, structure, sparse} <- tickets <- sweep <- node <- report <- testing.
const lotteryRooms = ["base", "mask", "criteria|train|structure|sparse", "tickets", "sweep", "node|report", "testing"];
const lotteryLayers = lotteryRooms.slice(0, -1).map((rooms, index) => ({
  name: `lottery-${rooms.replaceAll("|", "-")}-imports-downward`,
  comment: `${rooms} may import only itself and what stands to its left in ${lotteryRooms.join(" <- ")}`,
  severity: "error",
  from: { path: `^packages/lottery/src/(${rooms})/` },
  to: { path: `^packages/lottery/src/(${lotteryRooms.slice(index + 1).join("|")})/` },
}));

// Inside patch-infer: base <- network <- layers <- {lower, kernels, plan} <- {search, execute} <- {quantize, deploy,
// architecture} <- report <- {cli, testing}.
const patchInferRooms = [
  "base",
  "network",
  "layers",
  "lower|kernels|plan",
  "search|execute",
  "quantize|deploy|architecture",
  "report",
  "cli|testing",
];
const patchInferLayers = patchInferRooms.slice(0, -1).map((rooms, index) => ({
  name: `patch-infer-${rooms.replaceAll("|", "-")}-imports-downward`,
  comment: `${rooms} may import only itself and what stands to its left in ${patchInferRooms.join(" <- ")}`,
  severity: "error",
  from: { path: `^packages/patch-infer/src/(${rooms})/` },
  to: { path: `^packages/patch-infer/src/(${patchInferRooms.slice(index + 1).join("|")})(/|\\.ts$)` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "core-tensor-stands-alone",
      comment: "core-tensor depends on no other package of ours",
      severity: "error",
      from: { path: "^packages/core-tensor/src/" },
      to: { path: "^packages/(?!core-tensor/)" },
    },
    {
      name: "charts-stands-alone",
      comment: "charts depends on no other package of ours",
      severity: "error",
      from: { path: "^packages/charts/src/" },
      to: { path: "^packages/(?!charts/)" },
    },
    {
      name: "packages-import-packages-by-name",
      comment: "a package reaches another one through its exports, never through its files",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/(?!$1/)", dependencyTypes: ["local"] },
    },
    {
      name: "sources-use-declared-dependencies",
      comment: "what src imports is in dependencies or peerDependencies of its package.json",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      // A package of the workspace has no dependency type; pnpm links only declared ones, and the smoke test installs them.
      to: {
        pathNot: "^packages/",
        dependencyTypesNot: ["npm-peer", "npm"],
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown", "undetermined"],
      },
    },
    {
      name: "sources-ignore-tests",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: "/(test|bench|examples|benchmarks)/" },
    },
    {
      name: "index-is-a-door",
      comment: "files of a package do not import its own index.ts: that is for users",
      severity: "error",
      from: { path: "^packages/([^/]+)/src/" },
      to: { path: "^packages/$1/src/index\\.ts$" },
    },
    ...coreTensorLayers,
    ...conformalLayers,
    ...lotteryLayers,
    ...patchInferLayers,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(packages|examples)/[^/]+/(dist|node_modules)/|^benchmarks/node_modules/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@parsimony/source", "import", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
