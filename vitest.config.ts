import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Processes of their own: tests start servers and workers, and a crash must name its file.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    reporters: ["default", "./tests/support/reporter.ts"],
    coverage: {
      provider: "v8",
      include: [
        "lib/**/*.ts",
        "handlers/**/*.ts",
        "local/**/*.ts",
        "cli/**/*.ts",
        "demo/**/*.ts",
        "build/**/*.ts",
      ],
      reporter: ["text-summary", "json-summary", "html"],
      thresholds: { lines: 80, branches: 80 },
    },
  },
});
