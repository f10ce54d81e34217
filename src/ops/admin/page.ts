/** @module */
/** x */
export const PAGE = "<!doctype html>";
/** x */
export const PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'";
