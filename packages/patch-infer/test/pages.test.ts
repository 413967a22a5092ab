import { testPages } from "../../../scripts/vitest/pages.ts";

testPages(new URL("../", import.meta.url), (module) => import(module) as Promise<object>);
