/** Instances of the functions in `fixtures/lambda-worker`, without an account around them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFile } from "../../build/bundle.ts";
import { type CallEnd, type Instance, startInstance } from "../../local/lambda/instance.ts";
import type { Line } from "../../local/lambda/worker/messages.ts";

export const AT = Date.UTC(2026, 0, 5, 12, 0, 0, 250);

const ENTRY = join(import.meta.dirname, "..", "fixtures", "lambda-worker", "handlers.ts");

export type WorkerBench = {
  start(handler: string, options?: { runtime?: string; endpoint?: string }): Instance;
  /** Calls it once and notes the instants to which it lets the account's time pass. */
  call(instance: Instance, event?: unknown, timeoutMs?: number): Promise<CallEnd>;
  readonly passed: number[];
  readonly lines: Line[];
  close(): void;
};

export const createWorkerBench = async (): Promise<WorkerBench> => {
  const codeDir = mkdtempSync(join(tmpdir(), "bellwether-worker-"));
  await bundleFile(ENTRY, join(codeDir, "index.mjs"));
  const started: Instance[] = [];
  const [passed, lines]: [number[], Line[]] = [[], []];
  let calls = 0;
  return {
    passed,
    lines,
    start: (handler, { runtime = "nodejs24.x", endpoint = "http://127.0.0.1:1" } = {}) => {
      const settings = {
        workerId: `bench:${started.length}`,
        functionName: "bench",
        version: "1",
        handler: `index.${handler}`,
        codeDir,
        runtime,
        memorySizeMb: 256,
        logFormat: "JSON",
        logGroup: "/aws/lambda/bench",
        logStream: "2026/01/05/[1]0",
        endpointHost: new URL(endpoint).host,
        seed: "bench",
        at: AT,
      } as const;
      const env = {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "A",
        AWS_SECRET_ACCESS_KEY: "S",
      };
      const instance = startInstance(settings, env, (more) => lines.push(...more));
      started.push(instance);
      return instance;
    },
    call: async (instance, event = {}, timeoutMs = 30_000) => {
      const error = await instance.ready;
      if (error !== undefined) return { outcome: "failed", elapsedMs: 0, error };
      calls += 1;
      return instance.call(
        {
          kind: "call",
          at: AT,
          payload: JSON.stringify(event),
          seed: "seed",
          context: { requestId: `request-${calls}`, invokedFunctionArn: "arn:bench", timeoutMs },
        },
        async (at) => {
          passed.push(at - AT);
        },
      );
    },
    close: () => {
      for (const instance of started) instance.kill();
      rmSync(codeDir, { recursive: true, force: true });
    },
  };
};
