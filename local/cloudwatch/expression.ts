/** Metric math expressions as a tree. Grammar: numbers, ids, calls, [lists], arithmetic, comparisons, AND, OR. */
import { AwsError } from "../account.ts";

export type Operator = "+" | "-" | "*" | "/" | "^" | "<" | ">" | "<=" | ">=" | "==" | "!=" | "AND" | "OR";

export type Expression =
  | { kind: "number"; value: number }
  | { kind: "id"; name: string }
  | { kind: "word"; text: string }
  | { kind: "list"; items: readonly Expression[] }
  | { kind: "call"; name: string; arguments: readonly Expression[] }
  | { kind: "negate"; of: Expression }
  | { kind: "operation"; operator: Operator; left: Expression; right: Expression };

type Token = { kind: "number" | "id" | "word" | "sign"; text: string };

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?<id>[A-Za-z_][A-Za-z0-9_]*)|"(?<word>[^"]*)"|(?<sign><=|>=|==|!=|&&|\|\||[-+*/^(),<>[\]]))/y;

const LEVELS: readonly (readonly Operator[])[] = [
  ["OR"],
  ["AND"],
  ["<", ">", "<=", ">=", "==", "!="],
  ["+", "-"],
  ["*", "/"],
];

const SYNONYMS: Readonly<Record<string, Operator>> = { "&&": "AND", "||": "OR" };

const MAX_LENGTH = 2048;

const wrong = (text: string, what: string): AwsError =>
  new AwsError("ValidationError", `Error in expression '${text}': ${what}`);

const tokensOf = (text: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw wrong(text, `Unexpected character at position ${start + 1}.`);
    const kind =
      (["number", "id", "word", "sign"] as const).find((name) => groups[name] !== undefined) ?? "sign";
    tokens.push({ kind, text: groups[kind] ?? "" });
  }
  return tokens;
};

/** Throws ValidationError for anything that is not an expression. */
export const parseExpression = (text: string): Expression => {
  if (text.length > MAX_LENGTH) throw wrong(text.slice(0, 40), "The expression is too long.");
  const tokens = tokensOf(text);
  let next = 0;

  const peek = (): string | undefined => {
    const token = tokens[next];
    return token === undefined || token.kind === "word" ? undefined : token.text;
  };
  const take = (expected: string): void => {
    if (peek() !== expected)
      throw wrong(text, `Expected '${expected}' before '${tokens[next]?.text ?? "the end"}'.`);
    next += 1;
  };

  const listUntil = (end: string): Expression[] => {
    const items: Expression[] = [];
    while (peek() !== end) {
      if (items.length > 0) take(",");
      items.push(level(0));
    }
    take(end);
    return items;
  };

  const primary = (): Expression => {
    const token = tokens[next];
    if (token === undefined) throw wrong(text, "Unexpected end.");
    next += 1;
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    if (token.kind === "word") return { kind: "word", text: token.text };
    if (token.kind === "id") {
      if (peek() !== "(") return { kind: "id", name: token.text };
      next += 1;
      return { kind: "call", name: token.text, arguments: listUntil(")") };
    }
    if (token.text === "[") return { kind: "list", items: listUntil("]") };
    if (token.text === "-") return { kind: "negate", of: power() };
    if (token.text !== "(") throw wrong(text, `Unexpected '${token.text}'.`);
    const inner = level(0);
    take(")");
    return inner;
  };

  const power = (): Expression => {
    const left = primary();
    if (peek() !== "^") return left;
    next += 1;
    return { kind: "operation", operator: "^", left, right: power() };
  };

  const level = (depth: number): Expression => {
    const operators = LEVELS[depth];
    if (operators === undefined) return power();
    let left = level(depth + 1);
    for (;;) {
      const sign = peek() ?? "";
      const operator = SYNONYMS[sign] ?? operators.find((known) => known === sign);
      if (operator === undefined || !operators.includes(operator)) return left;
      next += 1;
      left = { kind: "operation", operator, left, right: level(depth + 1) };
    }
  };

  const whole = level(0);
  if (next < tokens.length) throw wrong(text, `Unexpected '${tokens[next]?.text}'.`);
  return whole;
};
