/** EventBridge's API on the default bus. */
import { type Account, AwsError, type Json, type Operation } from "../account.ts";
import { matchesPattern } from "./pattern.ts";
import { parsePattern } from "./pattern-check.ts";
import type { Rule, Rules } from "./rules.ts";

const MAX_ENTRIES = 10;
const DEFAULT_BUS = "default";

/** Puts a caller's event on the bus; gives its id. */
export type PutEvent = (entry: Json) => string;

const shapeOf = (rule: Rule): Json => ({
  Name: rule.name,
  Arn: rule.arn,
  State: rule.isEnabled ? "ENABLED" : "DISABLED",
  EventBusName: DEFAULT_BUS,
  Description: rule.description,
  EventPattern: rule.patternText,
  ScheduleExpression: rule.scheduleText,
});

const checkBus = (input: Json): void => {
  const bus = String(input.EventBusName ?? DEFAULT_BUS);
  if (bus !== DEFAULT_BUS && !bus.endsWith(":event-bus/default"))
    throw new AwsError("ResourceNotFoundException", `Event bus ${bus} does not exist.`);
};

const entryError = (entry: Json): { ErrorCode: string; ErrorMessage: string } | undefined => {
  const missing = ["Source", "DetailType", "Detail"].find((name) => !entry[name]);
  if (missing !== undefined)
    return {
      ErrorCode: "InvalidArgument",
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  if (String(entry.Source).startsWith("aws."))
    return {
      ErrorCode: "NotAuthorizedForSourceException",
      ErrorMessage: "Not authorized for the source.",
    };
  try {
    JSON.parse(entry.Detail);
    return undefined;
  } catch {
    return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  }
};

const putEvents = (input: Json, put: PutEvent): Json => {
  const entries: Json[] = input.Entries ?? [];
  if (entries.length === 0 || entries.length > MAX_ENTRIES)
    throw new AwsError("ValidationException", `Entries must hold 1 to ${MAX_ENTRIES} events.`);
  const results = entries.map((entry) => entryError(entry) ?? { EventId: put(entry) });
  return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
};

const removeTargets = (rules: Rules, input: Json): Json => {
  const rule = rules.get(input.Rule);
  const missing = (input.Ids ?? []).filter((id: string) => !rule.targets.delete(id));
  return {
    FailedEntryCount: missing.length,
    FailedEntries: missing.map((TargetId: string) => ({
      TargetId,
      ErrorCode: "ResourceNotFoundException",
      ErrorMessage: `Target ${TargetId} does not exist.`,
    })),
  };
};

const ruleOperations = (account: Account, rules: Rules): Record<string, Operation> => {
  const onRule = (action: string) => (input: Json) => [
    {
      action: `events:${action}`,
      resource: `arn:aws:events:${account.region}:${account.id}:rule/${input.Name ?? input.Rule ?? "*"}`,
    },
  ];
  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: onRule(name),
      run: (input) => {
        checkBus(input);
        return run(input);
      },
    },
  });
  return {
    ...operation("PutRule", (input) => ({ RuleArn: rules.put(input).arn })),
    ...operation("DescribeRule", (input) => shapeOf(rules.get(input.Name))),
    ...operation("DeleteRule", (input) => {
      rules.remove(input.Name);
      return {};
    }),
    ...operation("EnableRule", (input) => {
      rules.enable(input.Name, true);
      return {};
    }),
    ...operation("DisableRule", (input) => {
      rules.enable(input.Name, false);
      return {};
    }),
    ...operation("ListRules", (input) => ({
      Rules: rules
        .list()
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ""))
        .map(shapeOf),
    })),
    ...operation("PutTargets", (input) => {
      rules.putTargets(input.Rule, input.Targets ?? []);
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
    ...operation("ListTargetsByRule", (input) => ({ Targets: [...rules.get(input.Rule).targets.values()] })),
    ...operation("RemoveTargets", (input) => removeTargets(rules, input)),
    ...operation("ListRuleNamesByTarget", (input) => ({
      RuleNames: rules
        .list()
        .filter((rule) => [...rule.targets.values()].some((target) => target.Arn === input.TargetArn))
        .map(({ name }) => name),
    })),
  };
};

const testEventPattern = (input: Json): Json => {
  let event: Json;
  try {
    event = JSON.parse(input.Event);
  } catch {
    throw new AwsError("ValidationException", "Parameter Event is not valid JSON.");
  }
  return { Result: matchesPattern(parsePattern(String(input.EventPattern)), event) };
};

export const eventOperations = (
  account: Account,
  rules: Rules,
  put: PutEvent,
): Record<string, Operation> => ({
  ...ruleOperations(account, rules),
  PutEvents: {
    needs: () => [
      {
        action: "events:PutEvents",
        resource: `arn:aws:events:${account.region}:${account.id}:event-bus/default`,
      },
    ],
    run: (input) => {
      for (const entry of input.Entries ?? []) checkBus(entry);
      return putEvents(input, put);
    },
  },
  TestEventPattern: {
    needs: () => [{ action: "events:TestEventPattern", resource: "*" }],
    run: testEventPattern,
  },
});
