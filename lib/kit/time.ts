/** Instants are epoch milliseconds (`…At`), durations milliseconds (`…Ms`). Nothing here reads a clock. */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The start of the minute that holds `at`. */
export const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS) * MINUTE_MS;

/** ISO 8601 in UTC with milliseconds. */
export const isoOf = (at: number): string => new Date(at).toISOString();

/**
 * Parses an AWS timestamp: RFC 3339, or CloudWatch's `+0000` without a colon.
 * Returns undefined when it is not a time.
 */
export const parseTime = (text: string): number | undefined => {
  const at = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  return Number.isNaN(at) ? undefined : at;
};

/** "41 s", "3 m 12 s", "2 h 5 m": never negative. */
export const durationText = (durationMs: number): string => {
  const seconds = Math.max(0, Math.round(durationMs / SECOND_MS));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600)
    return seconds % 60 === 0 ? `${seconds / 60} m` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} m`;
};
