/** What is wrong at one place of a document, in words: zod's own texts are left out of the bundles. */
import type * as z from "zod/mini";

type Issue = z.core.$ZodIssue;

const list = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(", ");

/** The faults of the form that comes closest: the one whose first fault lies deepest, else what any form would take. */
const unionText = (issue: Extract<Issue, { code: "invalid_union" }>): string => {
  const closest = issue.errors.filter((faults) =>
    faults.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  const [faults = issue.errors[0] ?? []] = closest;
  return faults
    .map((each) => (each.path.length === 0 ? wrong(each) : `${each.path.join(".")} ${wrong(each)}`))
    .join(", ");
};

const wrong = (issue: Issue): string => {
  switch (issue.code) {
    case "unrecognized_keys":
      return `unknown: ${issue.keys.join(", ")}`;
    case "invalid_type":
      return `must be ${issue.expected === "int" ? "a whole number" : issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${list(issue.values)}`;
    case "too_small":
      return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${issue.origin === "string" ? " characters long" : ""}`;
    case "too_big":
      return `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${issue.origin === "string" ? " characters long" : ""}`;
    case "invalid_format":
      return issue.path.at(-1) === "name"
        ? "must be lower-case letters, digits and hyphens, at most 60"
        : "must be plain characters as CloudWatch takes them, at most 255";
    case "invalid_union":
      return unionText(issue);
    default:
      return "is not of the expected form";
  }
};

/** `smoke.0.name must be at least 1 characters long`. */
export const issueText = (issue: Issue, root: string): string =>
  `${issue.path.length === 0 ? root : issue.path.join(".")} ${wrong(issue)}`;
