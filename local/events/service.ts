/** EventBridge: one default bus, rules with patterns or schedules, targets. JSON 1.1. */
import type { Account, Events, Json, Made, Service } from "../account.ts";
import { physicalName } from "../physical-name.ts";
import { randomUuid } from "../random-id.ts";
import { deliver } from "./deliver.ts";
import { eventOperations } from "./operations.ts";
import { createRules, type Rule } from "./rules.ts";

/** Between a change and its event at the target. AWS promises no figure; half a second is typical. */
const DELIVERY_DELAY_MS = 500;

type Happening = {
  source: string;
  detailType: string;
  resources: readonly string[];
  detail: Json;
  at: number;
};

const rulePattern = (pattern: Json): string =>
  typeof pattern === "string" ? pattern : JSON.stringify(pattern);

export const createEvents = (account: Account): Events & { service: Service } => {
  const envelope = (happening: Happening): Json => ({
    version: "0",
    id: randomUuid(account.world.random("event-ids")),
    "detail-type": happening.detailType,
    source: happening.source,
    account: account.id,
    time: `${new Date(happening.at).toISOString().slice(0, 19)}Z`,
    region: account.region,
    resources: [...happening.resources],
    detail: happening.detail,
  });

  const toTargets = (rule: Rule, event: Json): void => {
    for (const target of rule.targets.values()) deliver(account, rule, target, event);
  };

  /** Each copy has its own delay: [] loses the event, two doubles it, unequal ones reorder it. */
  const later = (delays: readonly number[], name: string, run: () => void): void => {
    for (const delay of delays) account.world.at(account.world.now() + DELIVERY_DELAY_MS + delay, name, run);
  };

  const onBus = (event: Json): void => {
    for (const rule of rules.matching(event)) toTargets(rule, event);
  };

  const fire = (rule: Rule): void => {
    const kind = { source: "aws.events", detailType: "Scheduled Event" };
    const event = envelope({ ...kind, resources: [rule.arn], detail: {}, at: account.world.now() });
    later(account.faults.ofEvent(kind), `schedule ${rule.name}`, () => toTargets(rule, event));
  };

  const rules = createRules(account, fire);

  const putEvent = (entry: Json): string => {
    const event = envelope({
      source: entry.Source,
      detailType: entry.DetailType,
      resources: entry.Resources ?? [],
      detail: JSON.parse(entry.Detail),
      at: entry.Time === undefined ? account.world.now() : Number(entry.Time) * 1000,
    });
    later([0], `event ${entry.DetailType}`, () => onBus(event));
    return event.id;
  };

  const makeRule = (properties: Json, context: { logicalId: string; stackName: string }): Made => {
    const { Targets: targets = [], EventPattern: pattern, ...rest } = properties;
    const rule = rules.put({
      Name: physicalName(context, 64),
      ...rest,
      ...(pattern !== undefined && { EventPattern: rulePattern(pattern) }),
    });
    rule.targets.clear();
    rules.putTargets(rule.name, targets);
    return { ref: rule.name, attributes: { Arn: rule.arn } };
  };

  return {
    emit: (happening) => {
      const event = envelope({ ...happening, at: account.world.now() });
      later(account.faults.ofEvent(happening), `event ${happening.detailType}`, () => onBus(event));
    },
    service: {
      name: "events",
      signingName: "events",
      protocol: "json-1.1",
      targetPrefix: "AWSEvents",
      operations: eventOperations(account, rules, putEvent),
      resources: { "AWS::Events::Rule": makeRule },
    },
  };
};
