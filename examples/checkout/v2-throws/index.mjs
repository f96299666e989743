/** Coupons became campaigns, and somebody forgot that a campaign can be over: a cart with an old coupon throws a TypeError. */
import { checkoutHandler } from "../checkout.mjs";

const CAMPAIGNS = [
  { coupon: "WELCOME10", percent: 10 },
  { coupon: "SUMMER20", percent: 20 },
];

const campaignPercent = (cart) =>
  cart.coupon === undefined ? 0 : CAMPAIGNS.find((campaign) => campaign.coupon === cart.coupon).percent;

export const handler = checkoutHandler({ discount: campaignPercent });
