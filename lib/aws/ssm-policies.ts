import {
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { InputError } from "../kit/errors.ts";
import { parsePolicy } from "../policy/policy.ts";
import type { Policies } from "../ports/policies.ts";
import { reach, reachUnless } from "./failure.ts";

const PAGES_MAX = 20;

export const policyPath = (stage: string): string => `/bellwether/${stage}/services`;

export const ssmPolicies = (client: SSMClient, stage: string, hash: (text: string) => string): Policies => ({
  read: async (service) => {
    const answer = await reachUnless("reading a policy", ["ParameterNotFound"], "none" as const, () =>
      client.send(new GetParameterCommand({ Name: `${policyPath(stage)}/${service}` })),
    );
    if (answer === "none") return "none";
    const text = answer.Parameter?.Value ?? "";
    try {
      return { policy: parsePolicy(text), sha256: hash(text) };
    } catch (error) {
      if (error instanceof InputError) return { broken: error.message };
      throw error;
    }
  },

  write: async (service, text) => {
    await reach("storing a policy", () =>
      client.send(
        new PutParameterCommand({
          Name: `${policyPath(stage)}/${service}`,
          Value: text,
          Type: "String",
          Overwrite: true,
        }),
      ),
    );
  },

  list: async () => {
    const names: string[] = [];
    let next: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await reach("listing policies", () =>
        client.send(
          new GetParametersByPathCommand({ Path: policyPath(stage), ...(next && { NextToken: next }) }),
        ),
      );
      names.push(
        ...(answer.Parameters ?? []).map((parameter) =>
          (parameter.Name ?? "").slice(policyPath(stage).length + 1),
        ),
      );
      next = answer.NextToken;
      if (next === undefined) break;
    }
    return names;
  },
});
