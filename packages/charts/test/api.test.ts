import { expect, test } from "vitest";

test("the names that users import from @parsimony/charts", async () => {
  const names = Object.keys((await import("@parsimony/charts")) as object).sort();
  await expect(`${names.join("\n")}\n`).toMatchFileSnapshot("api.txt");
});
