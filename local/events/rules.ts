/** The rules of the default bus, and when scheduled ones fire. */
import { type Account, AwsError, type Json } from "../account.ts";
import type { Timer } from "../world.ts";
import type { RuleIdentity } from "./deliver.ts";
import { matchesPattern } from "./pattern.ts";
import { parsePattern } from "./pattern-check.ts";
import { nextFiring, parseSchedule, type Schedule } from "./schedule.ts";
import { checkInput } from "./target-input.ts";

export const MAX_TARGETS = 5;
const MAX_RETRIES = 185;
const EVENT_AGE_SECONDS = { least: 60, most: 86_400 };

export type Rule = RuleIdentity & {
  description?: string;
  /** JSON text as given. */
  patternText?: string;
  pattern?: Json;
  scheduleText?: string;
  isEnabled: boolean;
  targets: Map<string, Json>;
  timer?: Timer;
};

export type Rules = {
  put(input: Json): Rule;
  /** Throws ResourceNotFoundException. */
  get(name: string): Rule;
  list(): readonly Rule[];
  matching(event: Json): readonly Rule[];
  putTargets(name: string, targets: readonly Json[]): void;
  remove(name: string): void;
  enable(name: string, isEnabled: boolean): void;
};

const invalid = (message: string): AwsError => new AwsError("ValidationException", message);

const checkRetryPolicy = (policy: Json): void => {
  const attempts = Number(policy?.MaximumRetryAttempts ?? MAX_RETRIES);
  const age = Number(policy?.MaximumEventAgeInSeconds ?? EVENT_AGE_SECONDS.most);
  if (!(attempts >= 0 && attempts <= MAX_RETRIES)) throw invalid("MaximumRetryAttempts must lie in 0-185.");
  if (!(age >= EVENT_AGE_SECONDS.least && age <= EVENT_AGE_SECONDS.most))
    throw invalid("MaximumEventAgeInSeconds must lie in 60-86400.");
};

const checkTarget = (target: Json): void => {
  if (!target.Id || !target.Arn) throw invalid("A target needs Id and Arn.");
  checkInput(target);
  checkRetryPolicy(target.RetryPolicy);
};

/** `fire` runs at every due instant of an enabled scheduled rule. */
export const createRules = (account: Account, fire: (rule: Rule) => void): Rules => {
  const rules = new Map<string, Rule>();

  const get = (name: string): Rule => {
    const rule = rules.get(name);
    if (rule === undefined)
      throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  };

  const arm = (rule: Rule, schedule: Schedule, from: number): void => {
    const at = nextFiring(schedule, from);
    if (at === undefined) return;
    rule.timer = account.world.at(at, `rule ${rule.name} fires`, () => {
      fire(rule);
      arm(rule, schedule, at);
    });
  };

  const rearm = (rule: Rule): void => {
    rule.timer?.cancel();
    if (rule.scheduleText !== undefined && rule.isEnabled)
      arm(rule, parseSchedule(rule.scheduleText), account.world.now());
  };

  const put = (input: Json): Rule => {
    const name = String(input.Name ?? "");
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) throw invalid(`Rule name '${name}' is not valid.`);
    if (input.EventPattern === undefined && input.ScheduleExpression === undefined)
      throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
    const known = rules.get(name);
    const rule: Rule = {
      name,
      arn: `arn:aws:events:${account.region}:${account.id}:rule/${name}`,
      ...(input.Description !== undefined && { description: String(input.Description) }),
      ...(input.EventPattern !== undefined && {
        patternText: String(input.EventPattern),
        pattern: parsePattern(String(input.EventPattern)),
      }),
      ...(input.ScheduleExpression !== undefined && { scheduleText: String(input.ScheduleExpression) }),
      isEnabled: (input.State ?? "ENABLED") !== "DISABLED",
      targets: known?.targets ?? new Map(),
    };
    if (rule.scheduleText !== undefined) parseSchedule(rule.scheduleText);
    known?.timer?.cancel();
    rules.set(name, rule);
    rearm(rule);
    return rule;
  };

  return {
    put,
    get,
    list: () => [...rules.values()].sort((left, right) => (left.name < right.name ? -1 : 1)),
    matching: (event) =>
      [...rules.values()].filter(
        ({ isEnabled, pattern }) => isEnabled && pattern !== undefined && matchesPattern(pattern, event),
      ),
    putTargets: (name, targets) => {
      const rule = get(name);
      for (const target of targets) checkTarget(target);
      const ids = new Set([...rule.targets.keys(), ...targets.map((target) => String(target.Id))]);
      if (ids.size > MAX_TARGETS)
        throw new AwsError("LimitExceededException", `A rule takes at most ${MAX_TARGETS} targets.`);
      for (const target of targets) rule.targets.set(String(target.Id), target);
    },
    remove: (name) => {
      const rule = rules.get(name);
      if (rule !== undefined && rule.targets.size > 0)
        throw invalid("Rule can't be deleted since it has targets.");
      rule?.timer?.cancel();
      rules.delete(name);
    },
    enable: (name, isEnabled) => {
      const rule = get(name);
      rule.isEnabled = isEnabled;
      rearm(rule);
    },
  };
};
