/** What one check of an account says. A check that found nothing wrong says so too: people want to know what was looked at. */
export type Severity = "broken" | "risk" | "note";

export type Finding = {
  kind: Severity;
  id: string;
  /** The thing that was looked at, as AWS names it. */
  subject: string;
  what: string;
  why: string;
  /** A command for a POSIX shell that mends it, or shows what a person must decide. */
  mend: string;
};

export type CheckResult =
  | Finding
  | { kind: "fine"; id: string; subject: string; what: string }
  /** `action`: the IAM action that failed or is missing. */
  | { kind: "could-not-look"; id: string; subject: string; what: string; action: string };

export const fine = (id: string, subject: string, what: string): CheckResult => ({
  kind: "fine",
  id,
  subject,
  what,
});

/** A word for a POSIX shell; left bare when nothing in it has a meaning to the shell. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command line whose words the shell takes as they are. */
export const command = (...words: readonly string[]): string => words.map(quoted).join(" ");
