/** Reads tax from a table whose rates are fractions, as if they were percent: nobody pays tax, and nothing fails. */
import { checkoutHandler } from "../checkout.mjs";

const TAX_RATE = { DE: 0.19, FR: 0.2, IE: 0.23, ZA: 0.15 };

export const handler = checkoutHandler({ tax: (cart) => TAX_RATE[cart.country] ?? 0 });
