/** What S3 offers to tests, beside its wire. */
export type S3 = {
  /** Puts other bytes in the place of an object's current ones, past every lock and policy: what no caller of AWS could do. */
  corrupt(bucket: string, key: string, body: string): void;
  /** Takes every version of an object away, likewise. */
  lose(bucket: string, key: string): void;
  keys(bucket: string): readonly string[];
};
