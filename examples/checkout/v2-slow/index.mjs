/** Checks the card before it charges it, one call after the other: twice as slow, and never wrong. */
import { authorise, checkoutHandler } from "../checkout.mjs";

const CHECK_AMOUNT_CENTS = 0;

const checkThenAuthorise = async (cart, amountCents) => {
  await authorise(cart, CHECK_AMOUNT_CENTS);
  return authorise(cart, amountCents);
};

export const handler = checkoutHandler({ pay: checkThenAuthorise });
