/** How long a module takes to import, in a Node process of its own. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Handlers read these when they are imported. No call is made. */
const ENVIRONMENT = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
  STAGE: "local",
  ACCOUNT_ID: "000000000000",
  TABLE_NAME: "bellwether-local-deployments",
  POWERTOOLS_SERVICE_NAME: "bellwether",
  POWERTOOLS_METRICS_NAMESPACE: "Bellwether",
};

const PROBE = `const startedMs = performance.now();
await import(process.argv[2]);
process.stdout.write(String(performance.now() - startedMs));
process.exit(0);
`;

const importMs = (probe: string, file: string): number => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [probe, file], {
    env: ENVIRONMENT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} does not import:\n${stderr}`);
  return Number(stdout);
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/**
 * Median import time per file. The files take turns, round after round, so that whatever else the machine does in the
 * meantime hits them alike; a first round that warms the disk cache is not counted.
 */
export const medianImportMs = (
  files: readonly string[],
  rounds: number,
  folder: string,
): Map<string, number> => {
  const probe = join(folder, "probe.mjs");
  writeFileSync(probe, PROBE);
  const taken = new Map<string, number[]>(files.map((file) => [file, []]));
  for (let round = 0; round <= rounds; round += 1)
    for (const file of files) {
      const tookMs = importMs(probe, file);
      if (round > 0) taken.get(file)?.push(tookMs);
    }
  return new Map([...taken].map(([file, times]) => [file, median(times)]));
};
