/** What is wrong at one place of a document, in words: zod's own texts are left out of the bundles. */
import type * as z from "zod/mini";

type Issue = z.core.$ZodIssue;

const list = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(", ");

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
    default:
      return "is not of the expected form";
  }
};

/** `smoke.0.name must be at least 1 characters long`. */
export const issueText = (issue: Issue, root: string): string =>
  `${issue.path.length === 0 ? root : issue.path.join(".")} ${wrong(issue)}`;
