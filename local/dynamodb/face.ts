/** What other services of the account may ask of DynamoDB. */
import type { Json } from "../account.ts";

export type Dynamodb = {
  /**
   * Tells every change of a table with a stream, in order, as the records a function gets; `isFromStart` begins with those
   * of the last 24 hours. Throws ResourceNotFoundException.
   */
  onChange(
    streamArn: string,
    listener: (records: readonly Json[]) => void,
    isFromStart: boolean,
  ): { cancel(): void };
};
