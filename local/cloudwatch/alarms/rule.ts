/** The rule of a composite alarm: ALARM(), OK(), INSUFFICIENT_DATA(), TRUE, FALSE, AND, OR, NOT. */
import { AwsError } from "../../account.ts";
import type { AlarmValue } from "./alarm.ts";

export type AlarmRule =
  | { kind: "state"; value: AlarmValue; alarm: string }
  | { kind: "constant"; value: boolean }
  | { kind: "not"; of: AlarmRule }
  | { kind: "and" | "or"; left: AlarmRule; right: AlarmRule };

const TOKEN = /\s*(\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+)/y;
const STATES = ["ALARM", "OK", "INSUFFICIENT_DATA"] as const;

const wrong = (text: string, what: string): AwsError =>
  new AwsError("ValidationError", `AlarmRule is not valid: ${what} in '${text}'.`);

const tokensOf = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw wrong(text, "an open quote");
    tokens.push(token);
  }
  return tokens;
};

const unquote = (token: string): string =>
  token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token;

/** AND binds closer than OR, NOT closest. Throws ValidationError. */
export const parseAlarmRule = (text: string): AlarmRule => {
  const tokens = tokensOf(text);
  let next = 0;
  const take = (expected: string): void => {
    if (tokens[next] !== expected) throw wrong(text, `'${expected}' is missing`);
    next += 1;
  };

  /** Unquoted names may hold spaces: everything up to the closing bracket is the name. */
  const name = (): string => {
    const words: string[] = [];
    while (tokens[next] !== undefined && tokens[next] !== ")") words.push(unquote(tokens[next++] ?? ""));
    if (words.length === 0) throw wrong(text, "an alarm name is missing");
    return words.join(" ");
  };

  const primary = (): AlarmRule => {
    const token = tokens[next] ?? "";
    next += 1;
    if (token === "NOT") return { kind: "not", of: primary() };
    if (token === "TRUE" || token === "FALSE") return { kind: "constant", value: token === "TRUE" };
    if (token === "(") {
      const inner = either();
      take(")");
      return inner;
    }
    const value = STATES.find((state) => state === token);
    if (value === undefined) throw wrong(text, `'${token}' is not known`);
    take("(");
    const alarm = name();
    take(")");
    return { kind: "state", value, alarm };
  };

  const both = (): AlarmRule => {
    let left = primary();
    while (tokens[next] === "AND") {
      next += 1;
      left = { kind: "and", left, right: primary() };
    }
    return left;
  };

  const either = (): AlarmRule => {
    let left = both();
    while (tokens[next] === "OR") {
      next += 1;
      left = { kind: "or", left, right: both() };
    }
    return left;
  };

  const whole = either();
  if (next < tokens.length) throw wrong(text, `'${tokens[next]}' is not expected`);
  return whole;
};

/** The alarms a rule names, each once, in order. */
export const alarmsOf = (rule: AlarmRule): string[] => {
  switch (rule.kind) {
    case "state":
      return [rule.alarm];
    case "constant":
      return [];
    case "not":
      return alarmsOf(rule.of);
    case "and":
    case "or":
      return [...new Set([...alarmsOf(rule.left), ...alarmsOf(rule.right)])];
  }
};

export const ruleHolds = (rule: AlarmRule, stateOf: (alarm: string) => AlarmValue | undefined): boolean => {
  switch (rule.kind) {
    case "state":
      return stateOf(rule.alarm) === rule.value;
    case "constant":
      return rule.value;
    case "not":
      return !ruleHolds(rule.of, stateOf);
    case "and":
      return ruleHolds(rule.left, stateOf) && ruleHolds(rule.right, stateOf);
    case "or":
      return ruleHolds(rule.left, stateOf) || ruleHolds(rule.right, stateOf);
  }
};
