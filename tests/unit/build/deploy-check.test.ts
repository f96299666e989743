import { describe, expect, it } from "vitest";
import { type Cloud, checkDeploy, checkRemoval, type Intent } from "../../../build/deploy-check.ts";
import { readStage } from "../../../build/stages.ts";

const PROD: Intent = { stage: "prod", file: readStage("prod"), region: "af-south-1", approvedBy: "Thandi" };
const DEV: Intent = { stage: "dev", file: readStage("dev"), region: "eu-west-1" };

type Account = {
  id?: string;
  parameters?: readonly string[];
  tables?: readonly string[];
  stacks?: Record<string, string>;
};

/** An account that answers, and keeps what it was asked. */
const account = (holds: Account) => {
  const asked: string[] = [];
  const cloud: Cloud = {
    accountId: async () => {
      asked.push("account");
      return holds.id ?? "093646564004";
    },
    parametersThere: async (names) => {
      asked.push("parameters");
      return names.filter((name) => (holds.parameters ?? ["/bellwether/prod/slack/webhook"]).includes(name));
    },
    isTableThere: async (name) => {
      asked.push("table");
      return (holds.tables ?? []).includes(name);
    },
    stackResource: async (stack, logicalId) => holds.stacks?.[`${stack}/${logicalId}`],
  };
  return { cloud, asked };
};

describe("a deploy", () => {
  it("goes on where account, approval, Slack and table are as they should be", async () => {
    const { cloud } = account({
      tables: ["bellwether-prod-deployments"],
      stacks: { "bellwether-prod/DeploymentsTable": "bellwether-prod-deployments" },
    });
    expect(await checkDeploy(cloud, PROD)).toEqual({ warnings: [] });
  });

  it("into another account is refused before anything else is asked", async () => {
    const { cloud, asked } = account({ id: "536580886816" });
    expect((await checkDeploy(cloud, PROD)).refusal).toBe(
      "these credentials are for account 536580886816, and stage prod stands in 093646564004 (stages/prod.yml): use a profile of that account; nothing was changed",
    );
    expect(asked).toEqual(["account"]);
  });

  it("into another region is refused", async () => {
    const { cloud } = account({});
    expect((await checkDeploy(cloud, { ...PROD, region: "eu-west-1" })).refusal).toContain(
      "stage prod stands in af-south-1, not in eu-west-1",
    );
  });

  it.each([undefined, "", "  "])(
    "that nobody approved (%j) is refused where approval is wanted, and only there",
    async (approvedBy) => {
      const { file, region } = PROD;
      const intent = { stage: "prod", file, region, ...(approvedBy !== undefined && { approvedBy }) };
      expect((await checkDeploy(account({}).cloud, intent)).refusal).toContain('--param="approvedBy=<name>"');
      expect((await checkDeploy(account({ id: "536580886816" }).cloud, DEV)).refusal).toBeUndefined();
    },
  );

  it("over a table that another stack or nobody made is refused, with what to do", async () => {
    const { cloud } = account({ tables: ["bellwether-prod-deployments"] });
    expect((await checkDeploy(cloud, PROD)).refusal).toContain(
      "table bellwether-prod-deployments is already there and does not belong to stack bellwether-prod: import it",
    );
  });

  it("whose notices would reach no Slack is refused in production, warned of in dev, and fine on a laptop", async () => {
    const silent = { parameters: [] };
    const said = "neither /bellwether/prod/slack/token nor /bellwether/prod/slack/webhook is there";
    expect((await checkDeploy(account(silent).cloud, PROD)).refusal).toContain(said);
    const dev = await checkDeploy(account({ ...silent, id: "536580886816" }).cloud, DEV);
    expect(dev.refusal).toBeUndefined();
    expect(dev.warnings).toHaveLength(1);
    const local = { stage: "local", file: readStage("local"), region: "eu-west-1" };
    expect(await checkDeploy(account({ ...silent, id: "000000000000" }).cloud, local)).toEqual({
      warnings: [],
    });
  });

  it("into an account that does not answer is not tried", async () => {
    const { cloud } = account({});
    const deaf = { ...cloud, isTableThere: () => Promise.reject(new Error("AccessDenied")) };
    await expect(checkDeploy(deaf, PROD)).rejects.toThrow("AccessDenied");
  });
});

describe("taking a stack away", () => {
  it("wants the right account and approval, and asks nothing about Slack or the table", async () => {
    const { cloud, asked } = account({ parameters: [], tables: ["bellwether-prod-deployments"] });
    expect(await checkRemoval(cloud, PROD)).toEqual({ warnings: [] });
    expect(asked).toEqual(["account"]);
    expect((await checkRemoval(account({ id: "536580886816" }).cloud, PROD)).refusal).toContain(
      "536580886816",
    );
  });
});
