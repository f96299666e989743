/** The version that works. */
import { checkoutHandler } from "../checkout.mjs";

export const handler = checkoutHandler();
