/** Whether a scenario ended as it must: its own promise, and what must hold however anything ends. */
import { chainFaults, type Hash } from "../lib/deployment/audit.ts";
import type { Ended, Must, Scenario } from "./scenario.ts";

const expectedVersion = (must: Must, { site }: Ended): string =>
  must.serves === "old" ? site.service.from : site.service.to;

const ofRecord = (must: Must, { record, isOpen }: Ended): string[] => {
  const verdict = record.outcome?.verdict;
  return [
    ...(record.status === must.status ? [] : [`it ended ${record.status}, not ${must.status}`]),
    ...(must.verdict === undefined || verdict === must.verdict
      ? []
      : [`the verdict is ${verdict ?? "none"}, not ${must.verdict}`]),
    ...(isOpen ? ["its record was never closed"] : []),
  ];
};

/** Each function made only calls that its role allows, and was allowed each call that it made. */
const ofAccount = ({ site }: Ended): string[] => [
  ...new Set(
    site.account.iam.denied.map((each) => `${each.principalArn} may not ${each.action} on ${each.resource}`),
  ),
];

export type Judged = { isOk: boolean; faults: readonly string[]; expectedVersion: string };

export const check = ({ must }: Scenario, ended: Ended, hash: Hash): Judged => {
  const expected = expectedVersion(must, ended);
  const faults = [
    ...ofRecord(must, ended),
    ...(ended.aliasVersion === expected ? [] : [`the alias serves ${ended.aliasVersion}, not ${expected}`]),
    ...chainFaults(ended.lines, hash).map((fault) => `audit trail: ${fault}`),
    ...ofAccount(ended),
    ...(must.faults?.(ended) ?? []),
  ];
  return { isOk: faults.length === 0, faults, expectedVersion: expected };
};
