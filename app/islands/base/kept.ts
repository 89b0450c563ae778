/**
 * What begins the names of what a form keeps on this device: the composer writes them, and signing out takes them away.
 *
 * An `enum`, which esbuild writes where it is used: a constant of two islands would be one file more on every page.
 */
export const enum Kept {
  Prefix = "alliage:saisie:",
}
