import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { SECOND_MS } from "../kit/time.ts";
import type { Router } from "../ports/router.ts";
import { reachUnless } from "./failure.ts";

/** Alias weights are shares 0-1; two decimals of a percent are what CodeDeploy can set. */
const percentOf = (weight: number): number => Math.round(weight * 10_000) / 100;

export const lambdaRouter = (client: LambdaClient): Router => ({
  read: (functionName, alias) =>
    reachUnless("reading an alias", ["ResourceNotFoundException"], "unknown" as const, async () => {
      const answer = await client.send(new GetAliasCommand({ FunctionName: functionName, Name: alias }));
      const [second] = Object.entries(answer.RoutingConfig?.AdditionalVersionWeights ?? {}).filter(
        ([, weight]) => weight > 0,
      );
      return {
        version: answer.FunctionVersion ?? "",
        ...(second && { split: { version: second[0], percent: percentOf(second[1]) } }),
        revision: answer.RevisionId ?? "",
      };
    }),

  version: (functionName, version) =>
    reachUnless("reading a version", ["ResourceNotFoundException"], undefined, async () => {
      const answer = await client.send(
        new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version }),
      );
      return {
        ...(answer.CodeSha256 !== undefined && { codeSha256: answer.CodeSha256 }),
        ...(answer.Timeout !== undefined && { timeoutMs: answer.Timeout * SECOND_MS }),
      };
    }),

  /** Empty weights must be sent: an alias keeps its weights when RoutingConfig is left out. */
  pin: (functionName, alias, version, revision) =>
    reachUnless(
      "pinning an alias",
      ["PreconditionFailedException", "ResourceConflictException"],
      "changed-meanwhile" as const,
      async () => {
        await client.send(
          new UpdateAliasCommand({
            FunctionName: functionName,
            Name: alias,
            FunctionVersion: version,
            RoutingConfig: { AdditionalVersionWeights: {} },
            RevisionId: revision,
          }),
        );
        return "pinned" as const;
      },
    ),
});
