/**
 * A small checkout: prices a cart, taxes it, asks the payment provider, answers like an API Gateway integration.
 * Versions share this file and differ in what they pass to `checkoutHandler`.
 */
/** The provider's answer takes about 60 ms, rarely more than 150: a lognormal around its median. */
const AUTHORISATION_MEDIAN_MS = 60;
const AUTHORISATION_SPREAD = 0.35;
/** What a provider that is down costs us before we give up. */
const PROVIDER_TIMEOUT_MS = 400;

/** Tax in percent, by country of delivery. */
const TAX_PERCENT = { DE: 19, FR: 20, IE: 23, ZA: 15 };
const TAX_PERCENT_ELSEWHERE = 0;

/** Discount in percent, by coupon. */
const COUPON_PERCENT = { WELCOME10: 10, BIRTHDAY15: 15 };

const sleep = (durationMs) => new Promise((done) => setTimeout(done, durationMs));

/** A draw from the standard normal distribution (Box and Muller, 1958). */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

/** Asks the payment provider. Throws when it does not answer in time. */
export const authorise = async (cart, amountCents) => {
  if (cart.paymentProvider === "down") {
    await sleep(PROVIDER_TIMEOUT_MS);
    throw new Error("payment provider did not answer");
  }
  await sleep(AUTHORISATION_MEDIAN_MS * Math.exp(AUTHORISATION_SPREAD * normal()));
  // A dry run goes all the way but charges nobody; smoke checks use it.
  return cart.dryRun ? "dry-run" : `auth-${amountCents}-${Math.random().toString(36).slice(2, 10)}`;
};

export const discountPercent = (cart) => COUPON_PERCENT[cart.coupon] ?? 0;
export const taxPercent = (cart) => TAX_PERCENT[cart.country] ?? TAX_PERCENT_ELSEWHERE;

const subtotalCents = (cart) =>
  cart.items.reduce((sum, item) => sum + item.unitPriceCents * item.quantity, 0);

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const cartOf = (event) => {
  const cart = JSON.parse(event.body ?? "null");
  return Array.isArray(cart?.items) && cart.items.length > 0 ? cart : undefined;
};

/** The handler of one version: how it discounts, taxes and pays. A bad cart is the customer's fault: 400, no error. */
export const checkoutHandler =
  ({ discount = discountPercent, tax = taxPercent, pay = authorise } = {}) =>
  async (event) => {
    const cart = cartOf(event);
    if (cart === undefined) return answer(400, { message: "the cart is empty" });
    const subtotal = subtotalCents(cart);
    const discountCents = Math.round((subtotal * discount(cart)) / 100);
    const taxCents = Math.round(((subtotal - discountCents) * tax(cart)) / 100);
    const totalCents = subtotal - discountCents + taxCents;
    const authorisation = await pay(cart, totalCents);
    return answer(200, { subtotalCents: subtotal, discountCents, taxCents, totalCents, authorisation });
  };
