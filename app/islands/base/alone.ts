/** A block of the page reads itself again when it hears this: something changed elsewhere. */
export const CHANGED = "alliage:changed";

/** What a page asks though nobody does: it keeps no login alive. */
export const BY_ITSELF = { "Alliage-By-Itself": "1" };
