import type { Notice } from "../notice/notice.ts";

/** Tells whoever subscribed to a severity. Throws UnavailableError when it could not. */
export type Announcer = {
  announce(notice: Notice): Promise<void>;
};
