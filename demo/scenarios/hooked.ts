/** Scenarios that end before the first caller meets the new version. */
import { MINUTE_MS } from "../../lib/kit/time.ts";
import type { Ended, Scenario } from "../scenario.ts";

const SILENT_HOOK_MAX_MS = 10 * MINUTE_MS;

const reachedCallers = ({ callsServed }: Ended): readonly string[] =>
  callsServed === 0 ? [] : [`${callsServed} calls reached the new version`];

export const hooked: readonly Scenario[] = [
  {
    name: "smoke-fails",
    story: "The new version answers every cart, and taxes none: the smoke check knows the right total.",
    promise: "CodeDeploy is told so before traffic; no call reaches it.",
    from: { version: "v1" },
    to: { version: "v2-wrong" },
    must: {
      status: "FAILED",
      verdict: "fail",
      serves: "old",
      faults: (ended) => [
        ...reachedCallers(ended),
        ...(ended.record.checks.some((check) => check.hook === "before" && check.verdict === "fail")
          ? []
          : ["the record holds no failed smoke check"]),
      ],
    },
  },
  {
    name: "hook-crashes",
    story:
      "The hook that smoke-validates dies in the middle, and so do both of Lambda's retries. CodeDeploy would wait an hour.",
    promise: "Bellwether answers for it within ten minutes; no call reaches the new version.",
    from: { version: "v1" },
    to: { version: "v1", build: 2 },
    before: ({ account, service }) =>
      account.faults.add({
        kind: "crash-before",
        functionName: service.hooks.before,
        service: "lambda",
        operation: "Invoke",
      }),
    must: {
      status: "FAILED",
      serves: "old",
      faults: (ended) => {
        const { requested, finished } = ended.record.times;
        const tookMs = Date.parse(finished ?? "") - Date.parse(requested);
        const crashes = ended.site.account.faults.landed.get("crash-before") ?? 0;
        return [
          ...reachedCallers(ended),
          ...(tookMs <= SILENT_HOOK_MAX_MS ? [] : [`it took ${tookMs / MINUTE_MS} minutes`]),
          ...(crashes > 0 ? [] : ["the hook never crashed"]),
        ];
      },
    },
  },
];
