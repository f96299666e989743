/** What an auditor must know of: where it is, and what is wrong there. */
export type Finding = { where: string; what: string };

export const about =
  (where: string) =>
  (what: string): Finding => ({ where, what });
