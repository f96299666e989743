/** Real time, for the few who may not take it from an event: retries and polling. */
export type Clock = {
  now(): number;
  sleep(durationMs: number): Promise<void>;
};
