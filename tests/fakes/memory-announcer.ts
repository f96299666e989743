/** Topics in memory: what was announced, in order. */
import { UnavailableError } from "../../lib/kit/errors.ts";
import type { Notice } from "../../lib/notice/notice.ts";
import type { Announcer } from "../../lib/ports/announcer.ts";

export const memoryAnnouncer = () => {
  const announced: Notice[] = [];
  const state = { isDown: false };
  const announcer: Announcer = {
    announce: async (notice) => {
      if (state.isDown) throw new UnavailableError("publishing a notice: the topics are down");
      announced.push(structuredClone(notice));
    },
  };
  return { announcer, announced, state };
};
